import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { loadSweepFile, placeOf } from '../../src/config/load.ts';
import { inputErrorOf, runsOf, scratchFolder } from './scratch.ts';

const wrong: readonly (readonly [what: string, text: string, place: string, says: RegExp])[] = [
  [
    'a typo',
    'training:\n  lerningRate: 1\n',
    ':2:3',
    /unknown key "lerningRate" in training; did you mean learningRate\?/,
  ],
  [
    'an abbreviation',
    'training: {lr: 1}\n',
    ':1:12',
    /unknown key "lr" in training; did you mean learningRate\?/,
  ],
  ['another style', 'training: {batch_size: 1}\n', ':1:12', /did you mean batchSize\?/],
  ['a key of another section', 'learningRate: 1\n', ':1:1', /did you mean training.learningRate\?/],
  [
    'a foreign key',
    'model: {zzzzzzzz: 1}\n',
    ':1:9',
    /allowed are name, width, stem, batchNorm, strides, hidden, dropout, dropBlock, weights, freeze/,
  ],
  ['a typo at the top', 'trainig: {epochs: 1}\n', ':1:1', /did you mean training\?/],
  [
    'a negative rate',
    'training:\n  learningRate: -0.1\n',
    ':2:17',
    /training.learningRate must be a number above 0, not -0.1/,
  ],
  [
    'text for a number',
    'training: {epochs: many}\n',
    ':1:20',
    /training.epochs must be a whole number from 0 to 1000000, not many/,
  ],
  [
    'a fraction for a count',
    'training: {batchSize: 1.5}\n',
    ':1:23',
    /training.batchSize must be a whole number above 0 to 10000000, not 1.5/,
  ],
  ['no number', 'training: {l2: .nan}\n', ':1:16', /training.l2 must be a number from 0, not NaN/],
  [
    'momentum 1',
    'training: {momentum: 1}\n',
    ':1:22',
    /training.momentum must be a number from 0, below 1, not 1/,
  ],
  [
    'an unknown model',
    'model: {name: resnet19}\n',
    ':1:15',
    /model.name must be one of resnet10, resnet12, .*, not resnet19/,
  ],
  [
    'a number in quotes',
    'training:\n  learningRate: "0.1"\n',
    ':2:17',
    /training.learningRate must be a number above 0, not "0.1"$/,
  ],
  ['true in quotes', 'model: {freeze: "true"}\n', ':1:17', /model.freeze must be true or false, not "true"$/],
  [
    'a quoted nothing',
    'model: {freeze: "null"}\n',
    ':1:17',
    /model.freeze must be true or false, not "null"$/,
  ],
  ['a quoted number for a word', 'model: {name: "18"}\n', ':1:15', /model.name must be one of .*, not "18"$/],
  ['a number for a word', 'model: {name: 18}\n', ':1:15', /model.name must be one of .*, not 18$/],
  ['a quoted key', 'training: {"1": 1}\n', ':1:12', /unknown key "1" in training; /],
  ['yes for true', 'model: {freeze: yes}\n', ':1:17', /model.freeze must be true or false, not yes/],
  [
    'a value in a list',
    'fewshot: {shots: [5, 0]}\n',
    ':1:22',
    /fewshot.shots\[1\] must be a whole number above 0 to 10000000, not 0/,
  ],
  ['a list for a section', 'training: [1]\n', ':1:11', /training must be a mapping with keys, not \[1\]/],
  [
    'both of two',
    'training:\n  checkpointEvery: {epochs: 1, steps: 2}\n',
    ':2:20',
    /training.checkpointEvery: give either epochs or steps/,
  ],
  [
    'a distribution',
    'sweep:\n  random: {n: 1, seed: 0, keys: {seed: {normal: [0, 1]}}}\n',
    ':2:40',
    /sweep.random.keys.seed must be a mapping with one of choice, uniform, logUniform, integer, not \{"normal":\[0,1\]\}/,
  ],
  [
    'random without n',
    'sweep:\n  random: {seed: 0, keys: {seed: {integer: [0, 1]}}}\n',
    ':2:11',
    /sweep.random.n is missing: a whole number above 0/,
  ],
  [
    'a scalar in a grid',
    'sweep: {grid: {seed: 1}}\n',
    ':1:22',
    /sweep.grid.seed must be a list, not empty, of values, not 1/,
  ],
  ['a nested grid', 'sweep: {grid: {training: {l2: [1]}}}\n', ':1:26', /sweep.grid.training must be a list/],
  [
    'a key without value',
    'training:\n  epochs:\n',
    ':2:3',
    /no value; leave the key out, or write null for its default/,
  ],
  ['a key twice', 'seed: 1\nseed: 2\n', ':2:1', /seed is given twice$/],
  ['no YAML', 'training: {epochs: 1\n', ':2:1', /Flow map in block collection must be|must end with a \}/],
  ['tabs', 'training:\n\tepochs: 1\n', ':2:1', /Tabs are not allowed as indentation/],
  ['an unknown tag', 'seed: !!js/function "1"\n', ':1:7', /Unresolved tag/],
  ['an unknown alias', 'seed: *a\n', ':1:7', /alias/],
  ['two documents', 'seed: 1\n---\nseed: 2\n', ':2:1', /second document/],
  ['a list at the top', '- seed\n', ':1:1', /expected keys such as `training:` at the top/],
  ['a list as key', '? [1]\n: 2\n', ':1:3', /a key must be a word/],
  ['__proto__', 'seed: 1\n__proto__: {a: 1}\n', ':2:1', /a key must be a word/],
  ['an alias that holds itself', 'data: &a\n  name: *a\n', '', /./],
  ['a name that is a path', 'name: ../x\n', ':1:7', /name must be text that matches/],
];

for (const [what, text, place, says] of wrong)
  test(`${what}: one line that says where and what is allowed`, (context) => {
    const path = join(scratchFolder({ 'a.yaml': text }, context), 'a.yaml');
    const message = inputErrorOf(() => loadSweepFile(path, []));
    assert.ok(message.startsWith(`${path}${place}`), message);
    assert.match(message, says);
    assert.doesNotMatch(message, /\n/);
  });

test('files that are none: missing, a folder, empty, comments only, binary, not UTF-8, too large', (context) => {
  const folder = scratchFolder(
    {
      'empty.yaml': '',
      'comments.yaml': '# nothing\n',
      'latin.yaml': Uint8Array.of(0x6e, 0x3a, 0xe4),
      'large.yaml': `a: ${'x'.repeat(2_000_000)}`,
    },
    context,
  );
  const messageOf = (name: string): string => inputErrorOf(() => loadSweepFile(join(folder, name), []));
  assert.match(messageOf('missing.yaml'), /missing.yaml: no such file$/);
  assert.match(messageOf('.'), /a folder; give a YAML file/);
  assert.match(messageOf('empty.yaml'), /empty.yaml: empty; give/);
  assert.match(messageOf('comments.yaml'), /comments.yaml: empty; give/);
  assert.match(messageOf('latin.yaml'), /not UTF-8/);
  assert.match(messageOf('large.yaml'), /2000003 bytes; a YAML file has at most 1000000/);
});

test('aliases that grow without bound and brackets without end are refused', (context) => {
  const levels = Array.from({ length: 12 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i}, `.repeat(10)}]`);
  const folder = scratchFolder(
    { 'bomb.yaml': `a0: &a0 [1]\n${levels.join('\n')}\n`, 'deep.yaml': `a: ${'['.repeat(100_000)}` },
    context,
  );
  assert.match(
    inputErrorOf(() => loadSweepFile(join(folder, 'bomb.yaml'), [])),
    /too many or too deeply nested/,
  );
  assert.match(
    inputErrorOf(() => loadSweepFile(join(folder, 'deep.yaml'), [])),
    /^\S+deep.yaml:/,
  );
});

test("extends: the parent's keys first, the child's on top; errors and origins name the file", (context) => {
  const folder = scratchFolder(
    {
      'base/parent.yaml':
        'name: parent\ntraining: {epochs: 3, l2: 0.1, checkpointEvery: {steps: 9}}\nfewshot: {shots: [1, 5]}\nsweep: {grid: {training.l2: [1, 2]}}\n',
      'child.yaml':
        'extends: base/parent.yaml\ntraining: {l2: 0.2, checkpointEvery: {epochs: 2}}\nfewshot: {shots: [2]}\nsweep: {grid: {training.l2: null, seed: [7, 8]}}\n',
      'typo.yaml': 'training: {epoch: 3}\n',
      'of-typo.yaml': 'extends: typo.yaml\n',
      'grandchild.yaml': 'extends: child.yaml\n',
      'orphan.yaml': 'extends: nowhere.yaml\n',
      'self.yaml': 'extends: self.yaml\n',
    },
    context,
  );
  const path = join(folder, 'child.yaml');
  const { file, name, located, given } = loadSweepFile(path, []);
  assert.equal(name, 'child');
  assert.equal(given.extended?.file, join(folder, 'base/parent.yaml'));
  assert.match(given.extended?.text ?? '', /^name: parent/);
  assert.deepEqual(
    [file.training.epochs, file.training.l2, file.training.checkpointEvery, file.fewshot.shots],
    [3, 0.2, { epochs: 2 }, [2]],
  );
  assert.deepEqual(file.sweep, { grid: { seed: [7, 8] } });
  assert.equal(placeOf(located, ['training', 'epochs']), `${join(folder, 'base/parent.yaml')}:2:20`);
  assert.equal(placeOf(located, ['training', 'l2']), `${path}:2:16`);
  const messageOf = (child: string): string => inputErrorOf(() => loadSweepFile(join(folder, child), []));
  assert.match(
    messageOf('of-typo.yaml'),
    /\/typo.yaml:1:12: unknown key "epoch" in training; did you mean epochs/,
  );
  assert.match(messageOf('grandchild.yaml'), /child.yaml:1:1: extends goes one level deep/);
  assert.match(messageOf('self.yaml'), /extends goes one level deep/);
  assert.match(messageOf('orphan.yaml'), /orphan.yaml:1:10: extends .*nowhere.yaml: no such file/);
});

test('a mapping on the command line is merged into the file, as a file is into the one that it extends', (context) => {
  const text = `
data: { name: cifar-100, split: cifar-fs, perClass: 200 }
training: { epochs: 6, learningRate: 0.2, schedule: { name: cosine, warmupEpochs: 2 }, checkpointEvery: { epochs: 2 } }
sweep: { grid: { training.batchSize: [32, 64], training.l2: [0, 0.1] } }
`;
  const path = join(scratchFolder({ 'a.yaml': text }, context), 'a.yaml');
  const { file } = loadSweepFile(path, [
    'data={perClass: 50}',
    'training={momentum: 0.8, epochs: null, schedule: {warmupEpochs: 1}, checkpointEvery: {steps: 5}}',
    'sweep={seeds: [0, 1], grid: {training.l2: [0.2]}}',
  ]);
  assert.deepEqual(
    { name: file.data.name, split: file.data.split, perClass: file.data.perClass },
    { name: 'cifar-100', split: 'cifar-fs', perClass: 50 },
  );
  const { momentum, epochs, learningRate, schedule, checkpointEvery } = file.training;
  assert.deepEqual({ momentum, epochs, learningRate }, { momentum: 0.8, epochs: 10, learningRate: 0.2 });
  assert.deepEqual([schedule.name, schedule.warmupEpochs], ['cosine', 1]);
  assert.deepEqual(checkpointEvery, { steps: 5 });
  assert.deepEqual(file.sweep?.grid, { 'training.batchSize': [32, 64], 'training.l2': [0.2] });
  assert.deepEqual(file.sweep?.seeds, [0, 1]);
});

test('overrides come last; their errors name the override', (context) => {
  const path = join(
    scratchFolder({ 'a.yaml': 'training: {epochs: 3}\ndata: {perClass: 9}\n' }, context),
    'a.yaml',
  );
  const { file, located } = loadSweepFile(path, [
    'training.epochs=4',
    'training.learningRate=1e-3',
    'training.checkpointEvery.steps=5',
    'data.perClass=null',
    'data.name="cifar-100"',
    'fewshot.shots=[1, 5]',
    'training.schedule={name: cosine, warmupEpochs: 1}',
    'sweep.grid.training.l2=[0, 1e-4]',
    'sweep.random.n=2',
    'sweep.random.seed=0',
    'sweep.random.keys.training.momentum.uniform=[0, 0.9]',
  ]);
  assert.equal(file.training.epochs, 4);
  assert.equal(file.training.learningRate, 0.001);
  assert.deepEqual(file.training.checkpointEvery, { steps: 5 });
  assert.equal(file.data.perClass, undefined);
  assert.equal(file.data.name, 'cifar-100');
  assert.deepEqual(file.fewshot.shots, [1, 5]);
  assert.equal(file.training.schedule.warmupEpochs, 1);
  assert.deepEqual(file.sweep?.grid, { 'training.l2': [0, 0.0001] });
  assert.deepEqual(file.sweep?.random?.keys, { 'training.momentum': { uniform: [0, 0.9] } });
  assert.equal(placeOf(located, ['training', 'epochs']), 'override training.epochs=4');

  const messageOf = (override: string): string => inputErrorOf(() => runsOf(path, [override]));
  assert.equal(
    messageOf('training.lr=0.1'),
    'override training.lr=0.1: unknown key "lr" in training; did you mean learningRate?',
  );
  assert.match(
    messageOf('training.learningRate=fast'),
    /^override .*=fast: training.learningRate must be a number above 0, not fast$/,
  );
  assert.match(messageOf('training.learningRate='), /^override .*: no value/);
  assert.match(messageOf('training.learningRate=[1'), /^override .*: the value is not YAML/);
  assert.match(messageOf('seed'), /^override seed: expected key=value/);
  assert.match(messageOf('=1'), /expected key=value/);
  assert.match(messageOf('training..epochs=1'), /expected key=value/);
  assert.match(messageOf('extends=b.yaml'), /extends belongs into the file/);
  assert.match(
    messageOf('sweep.grid.training.lr=[1]'),
    /^override .*: unknown key "training.lr" in sweep.grid; did you mean training.learningRate\?/,
  );
  assert.match(
    messageOf('sweep.grid.training.l2=[0, -1]'),
    /^override .*: sweep.grid: training.l2 must be a number from 0, not -1/,
  );
});

test('a key given twice is named; a bound of a random draw is said in the words of all bounds', (context) => {
  const refusal = (text: string): string => {
    const folder = scratchFolder({ 'a.yaml': text }, context);
    return inputErrorOf(() => loadSweepFile(join(folder, 'a.yaml'))).replace(`${folder}/`, '');
  };
  assert.equal(
    refusal('training: { epochs: 1 }\ntraining: { l2: 0 }\n'),
    'a.yaml:2:1: training is given twice',
  );
  assert.equal(refusal('training:\n  epochs: 1\n  epochs: 2\n'), 'a.yaml:3:3: epochs is given twice');
  assert.equal(
    refusal('sweep: { random: { n: 3, seed: 0, keys: { training.l2: { logUniform: [0, 0.1] } } } }\n'),
    'a.yaml:1:71: sweep.random.keys.training.l2.logUniform[0] must be a number above 0, not 0',
  );
});

test('keys that are nested, and lists under `values`, are refused with the form that is meant', (context) => {
  const hint = (sweep: string): string | undefined => {
    const folder = scratchFolder({ 'a.yaml': `sweep: ${sweep}\n` }, context);
    return inputErrorOf(() => loadSweepFile(join(folder, 'a.yaml'))).split('; write ')[1];
  };
  const meant = "'training.learningRate: [0.1, 0.2]'";
  assert.equal(hint('{ grid: { training: { learningRate: [0.1, 0.2] } } }'), meant);
  assert.equal(hint('{ grid: { training.learningRate: { values: [0.1, 0.2] } } }'), meant);
  assert.equal(hint('{ zip: { training: { learningRate: { values: [0.1, 0.2] } } } }'), meant);
  assert.equal(
    hint('{ random: { n: 2, seed: 0, keys: { training: { learningRate: { uniform: [0.1, 0.2] } } } } }'),
    "'training.learningRate: {uniform: [0.1, 0.2]}'",
  );
  // No key of a run: there is no form to give.
  assert.equal(hint('{ grid: { training: { rate: [0.1] } } }'), undefined);
});
