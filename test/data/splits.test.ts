import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readSplit, shippedSplits } from '../../src/data/splits.ts';
import { InputError } from '../../src/input-error.ts';
import { cifar100Names } from './cifar100-names.ts';
import { scratchFolder } from './scratch.ts';

const letters = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

function splitFile(t: TestContext, yaml: string | Uint8Array): string {
  const path = join(scratchFolder(t), 'own.yaml');
  writeFileSync(path, yaml);
  return path;
}

for (const [name, sizes] of [
  ['cifar-fs', [64, 16, 20]],
  ['fc100', [60, 20, 20]],
] as const)
  test(`${name} divides the 100 classes of CIFAR-100 into ${sizes.join(' / ')}`, () => {
    const { source, validation, target } = readSplit(name, cifar100Names, 'cifar-100');
    assert.deepEqual([source.length, validation.length, target.length], sizes);
    assert.deepEqual([...source, ...validation, ...target].sort(), cifar100Names);
    assert.equal(shippedSplits[name]!.dataSet, 'cifar-100');
  });

test('cifar-fs has the published target classes', () => {
  const { target } = readSplit('cifar-fs', cifar100Names, 'cifar-100');
  // Bertinetto et al. 2019, the first ten of the test list in alphabetical order.
  assert.deepEqual([...target].sort().slice(0, 10), [
    'baby',
    'bed',
    'bicycle',
    'chimpanzee',
    'fox',
    'leopard',
    'man',
    'pickup_truck',
    'plain',
    'poppy',
  ]);
});

test('fc100 keeps the superclasses people, insects, medium and aquatic mammals for the target', () => {
  const { target, validation } = readSplit('fc100', cifar100Names, 'cifar-100');
  for (const name of ['baby', 'woman', 'bee', 'cockroach', 'fox', 'skunk', 'beaver', 'whale'])
    assert.ok(target.includes(name), name);
  for (const name of ['bear', 'camel', 'crab', 'mouse']) assert.ok(validation.includes(name), name);
});

test("the shipped splits fit Hugging Face's CIFAR-100, whose crab is called cra", () => {
  const itsNames = cifar100Names.map((name) => (name === 'crab' ? 'cra' : name));
  for (const name of ['cifar-fs', 'fc100']) {
    const [ours, its] = [cifar100Names, itsNames].map((names) => readSplit(name, names, 'cifar-100'));
    for (const part of ['source', 'validation', 'target'] as const)
      assert.deepEqual(
        its![part],
        ours![part].map((each) => (each === 'crab' ? 'cra' : each)),
      );
    // Data of which another name does not fit are other data.
    const other = itsNames.map((each) => (each === 'bear' ? 'bare' : each));
    assert.throws(() => readSplit(name, other, 'other'), /names the class (bear|crab), which other lacks/);
  }
});

test('a split that names both cra and crab, or a data set that has both, is taken as it is written', (t) => {
  const both = splitFile(t, 'source: [crab]\ntarget: [cra]\n');
  assert.deepEqual(readSplit(both, ['crab', 'cra'], 'sea').source, ['crab']);
  assert.throws(() => readSplit(both, ['cra', 'cod'], 'sea'), /class cra is named twice/);
});

test('none makes every class a source class', () => {
  assert.deepEqual(readSplit('none', letters, 'letters'), {
    name: 'none',
    source: letters,
    validation: [],
    target: [],
  });
});

test('an own split names classes, in lists or in groups; numbers are names too', (t) => {
  const path = splitFile(t, 'source: [b, 1]\ntarget:\n  vowels: [a, e]\n  others: [c]\n');
  const { source, validation, target } = readSplit(path, [...letters, '1'], 'letters');
  assert.deepEqual([source, validation, target], [['b', '1'], [], ['a', 'e', 'c']]);
});

test('an own split draws classes with a seed', (t) => {
  const read = (seed: number) =>
    readSplit(splitFile(t, `seed: ${seed}\nsource: 5\nvalidation: 2\ntarget: 3\n`), letters, 'letters');
  const { source, validation, target } = read(1);
  assert.deepEqual([source.length, validation.length, target.length], [5, 2, 3]);
  assert.deepEqual([...source, ...validation, ...target].sort(), letters);
  assert.deepEqual(read(1).target, target);
  assert.ok([2, 3, 4, 5].some((seed) => read(seed).target.join() !== target.join()));
});

test('a wrong split is refused in one line', (t) => {
  const refuses = (yaml: string, message: RegExp) => {
    const path = splitFile(t, yaml);
    assert.throws(
      () => readSplit(path, ['apple', 'pear', 'plum'], 'fruit'),
      (error: Error) =>
        error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
      yaml,
    );
  };
  refuses('source: [aple]\n', /source names the class aple, which fruit lacks; did you mean apple\?$/);
  refuses('source: [zebra]\n', /names the class zebra, which fruit lacks; allowed are apple, pear, plum$/);
  refuses('source: [apple]\ntarget: [pear, apple]\n', /class apple is named twice, in source and in target$/);
  refuses('source: []\n', /source names no class$/);
  refuses('sorce: [apple]\n', /source|sorce/);
  refuses('source: 2\n', /source: expected class names/);
  refuses('seed: 1\nsource: 3\ntarget: 1\n', /takes 4 classes, fruit has 3$/);
  refuses('seed: 1\nsource: 1.5\n', /source/);
  refuses('source: [apple\n', /own.yaml:2:1: /);
  refuses('', /own.yaml: empty; give source, with validation/);
});

test('what is wrong in a file is said at its place, with what is allowed, as of a sweep file', (t) => {
  const refusal = (yaml: string | Uint8Array) => {
    const path = splitFile(t, yaml);
    try {
      readSplit(path, ['apple', 'pear', 'plum'], 'fruit');
    } catch (error) {
      assert.ok(error instanceof InputError);
      return [error.message.replace(path, 'FILE'), error.details.code];
    }
    throw new Error('expected an InputError, and there was none');
  };
  for (const [yaml, ...said] of [
    [
      'source: [apple]\ntargets: [pear]\n',
      'FILE:2:1: unknown key "targets"; did you mean target? Allowed are seed, source, validation, target',
      'unknown-key',
    ],
    ['source: [apple]\nsource: [pear]\n', 'FILE:2:1: source is given twice', 'not-yaml'],
    [
      'target: [pear]\n',
      'FILE:1:1: source is missing: expected class names: [a, b], or {group: [a, b]}',
      'missing-value',
    ],
    ['source: [apple]\ntarget:\n', 'FILE:2:1: no value; leave the key out', 'missing-value'],
    [
      'seed: 1\nsource: 0\n',
      'FILE:2:9: source: with seed, expected a whole number of classes from 1',
      'bad-value',
    ],
    [
      'seed: 1\nsource: [apple]\n',
      'FILE:2:9: source: with seed, expected a whole number of classes',
      'bad-value',
    ],
    [
      Buffer.from('source: [p\xeache]\n', 'latin1'),
      'data.split: FILE: not UTF-8 text; give a YAML file',
      undefined,
    ],
  ] as const)
    assert.deepEqual(refusal(yaml), said);
});

test('a class name is the text that is written, numbers, true and null too', (t) => {
  const path = splitFile(t, 'source: [010, "10", true]\ntarget: [null, ~]\n');
  const { source, target } = readSplit(path, ['010', '10', 'true', 'null', '~'], 'words');
  assert.deepEqual(
    [source, target],
    [
      ['010', '10', 'true'],
      ['null', '~'],
    ],
  );
});

test('a folder of lists, as CIFAR-FS comes with, is source, validation and target', (t) => {
  const folder = scratchFolder(t);
  const write = (part: string, names: readonly string[]) =>
    writeFileSync(join(folder, `${part}.txt`), `${names.join('\r\n')}\n`);
  write('train', ['b', 'a', 'c']);
  write('val', ['d']);
  assert.throws(() => readSplit(folder, letters, 'letters'), /test.txt: no such file$/);
  write('test', ['j', 'e']);
  const { source, validation, target } = readSplit(folder, letters, 'letters');
  assert.deepEqual([source, validation, target], [['b', 'a', 'c'], ['d'], ['j', 'e']]);
  write('test', ['j', 'a']);
  assert.throws(
    () => readSplit(folder, letters, 'letters'),
    /class a is named twice, in source and in target/,
  );
  write('test', ['j', 'x']);
  assert.throws(() => readSplit(folder, letters, 'letters'), /target names the class x, which letters lacks/);
});

test('an unknown split or file is refused with what is allowed', () => {
  assert.throws(
    () => readSplit('cifarfs', letters, 'letters'),
    /unknown split cifarfs; allowed are auto, none, .*cifar-fs, fc100/,
  );
  assert.throws(
    () => readSplit('/nowhere/own.yaml', letters, 'letters'),
    /^InputError: data.split: \/nowhere\/own.yaml: no such file$/,
  );
});
