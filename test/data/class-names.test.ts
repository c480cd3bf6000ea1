import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { matchClasses, readClassNames } from '../../src/data/class-names.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { readSplit } from '../../src/data/splits.ts';
import { scratchFolder } from './scratch.ts';

test('a file of class names: blanks and empty lines at the end are cut, every line ending and a byte order mark are known', (t) => {
  const path = join(scratchFolder(t), 'names.txt');
  const read = (text: string | Uint8Array) => {
    writeFileSync(path, text);
    return readClassNames(path);
  };
  const names = ['crane', 'dog', 'big cat'];
  for (const text of [
    'crane\ndog\nbig cat\n',
    'crane \ndog\t\nbig cat  ',
    'crane\r\ndog\r\nbig cat\r\n',
    'crane\rdog\rbig cat\r',
    '\ufeffcrane\ndog\nbig cat\n\n  \n',
  ])
    assert.deepEqual(read(text), names, JSON.stringify(text));
  assert.throws(() => read('crane\n\ndog\n'), /names\.txt:2: an empty line/);
  assert.throws(() => read('crane\ndog\ncrane\n'), /names\.txt:3: crane is given twice/);
  assert.throws(() => read('café\ncafe\u0301\n'), /names\.txt:2: .* is given twice/);
  assert.throws(() => read(Buffer.from('\ufeffcrane\n', 'utf16le')), /not UTF-8/);
  assert.throws(() => read(Buffer.from('crane\n', 'utf16le')), /not text/);
});

const set: ImageSet = {
  name: 'three',
  height: 1,
  width: 1,
  channels: 1,
  images: Uint8Array.of(10, 11, 12, 13),
  labels: Int32Array.of(0, 1, 2, 0),
  classNames: ['cat', 'bird', 'café'],
};

test('classes are matched by name whatever their order, and composed as decomposed', () => {
  const { set: matched } = matchClasses(set, ['cafe\u0301', 'cat', 'bird']);
  assert.deepEqual([...matched!.labels], [1, 2, 0, 1]);
  assert.deepEqual([...matched!.images], [10, 11, 12, 13]);
});

test('where names differ the first difference is said', () => {
  assert.match(
    matchClasses(set, ['cat', 'Bird', 'café']).difference!,
    /classifier's class 1 is Bird, which the data lacks; class 1 of the data is bird/,
  );
  assert.match(matchClasses(set, ['cat', 'bird']).difference!, /2 classes and the data 3/);
});

test('class names in split files are the text as written', (t) => {
  const written = [
    '010',
    '1e3',
    '0001',
    '0x10',
    'no',
    'on',
    'null',
    '1.0',
    '-1',
    '2020-01-01',
    'true',
    '~',
    'nan',
  ];
  const known = [...written, '10', '1000', '16', '1', '8'];
  const path = join(scratchFolder(t), 'split.yaml');
  writeFileSync(path, `source: [${written.join(', ')}]\ntarget: { a: [10], b: ["1000"] }\n`);
  const { source, target } = readSplit(path, known, 'set');
  assert.deepEqual(source, written);
  assert.deepEqual(target, ['10', '1000']);
  writeFileSync(path, 'seed: 3\nsource: 2\ntarget: 1\n');
  assert.equal(readSplit(path, known, 'set').source.length, 2);
  writeFileSync(path, 'seed: 3\nsource: 2.5\n');
  assert.throws(() => readSplit(path, known, 'set'), /source: with seed, expected a whole number/);
});
