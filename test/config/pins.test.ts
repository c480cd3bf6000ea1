import assert from 'node:assert/strict';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { expandSweep } from '../../src/config/expand.ts';
import { loadSweepFile } from '../../src/config/load.ts';
import { inputErrorOf } from './scratch.ts';

/** The runs of a file's text under overrides, as `key: values` of what differs, and the notes. */
function swept(text: string, overrides: readonly string[] = [], parent?: string) {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-pins-'));
  if (parent !== undefined) writeFileSync(join(folder, 'parent.yaml'), parent);
  const path = join(folder, 'sweep.yaml');
  writeFileSync(path, parent === undefined ? text : `extends: parent.yaml\n${text}`);
  const { file, notes } = loadSweepFile(path, overrides);
  return { runs: expandSweep(file).map(({ config }) => config), notes };
}
const rates = ({ runs }: ReturnType<typeof swept>) => runs.map(({ training }) => training.learningRate);

test('an override pins a key that the sweep varies, in every block, and says so', () => {
  const blocks = [
    'grid: { training.learningRate: [0.1, 0.2], training.batchSize: [8, 16] }',
    'zip: { training.learningRate: [0.1, 0.2], training.batchSize: [8, 16] }',
    'list: [{ training.learningRate: 0.1, training.batchSize: 8 }, { training.learningRate: 0.2, training.batchSize: 16 }]',
  ];
  for (const block of blocks) {
    const found = swept(`sweep: { ${block} }`, ['training.learningRate=0.5']);
    assert.deepEqual([...new Set(rates(found))], [0.5], block);
    assert.deepEqual(
      found.runs.map(({ training }) => training.batchSize),
      [8, 16],
      block,
    );
    assert.match(found.notes[0]!, /training\.learningRate is 0\.5 .*no longer varies it/, block);
  }
});

test('a pinned random key is no longer drawn; a pinned seed leaves one seed', () => {
  const random =
    'sweep: { random: { n: 3, seed: 0, keys: { training.learningRate: { logUniform: [0.001, 0.1] } } } }';
  assert.deepEqual(rates(swept(random, ['training.learningRate=0.5'])), [0.5]);
  const seeds = swept('sweep: { seeds: [0, 1, 2] }', ['seed=7']);
  assert.deepEqual(
    seeds.runs.map(({ seed }) => seed),
    [7],
  );
});

test('of random keys, those that a pin leaves are drawn as often as they have combinations', () => {
  const keys = 'training.learningRate: { logUniform: [0.001, 0.1] }, training.batchSize: { choice: [8, 16] }';
  const random = `sweep: { random: { n: 9, seed: 0, keys: { ${keys} } } }`;
  const { runs } = swept(random, ['training.learningRate=0.5']);
  assert.deepEqual(runs.map(({ training }) => training.batchSize).sort(), [16, 8]);
  assert.equal(swept(random, ['training.batchSize=8']).runs.length, 9);
});

test('runs that pinning makes equal are one run', () => {
  assert.deepEqual(
    rates(
      swept('sweep: { list: [{ training.learningRate: 0.1 }, { training.learningRate: 0.2 }] }', [
        'training.learningRate=0.5',
      ]),
    ),
    [0.5],
  );
});

test('rows of a zip that pinning makes equal are one row, and others stay in their order', () => {
  const zip =
    'zip: { training.batchSize: [64, 64, 128, 128], training.learningRate: [0.05, 0.1, 0.1, 0.2], model.width: [8, 8, 8, 16] }';
  const { runs, notes } = swept(`sweep: { ${zip} }`, ['training.learningRate=0.1']);
  assert.deepEqual(
    runs.map(({ training, model }) => [training.batchSize, training.learningRate, model.width]),
    [
      [64, 0.1, 8],
      [128, 0.1, 8],
      [128, 0.1, 16],
    ],
  );
  assert.equal(notes.length, 1);
  const mappings = 'zip: { training.schedule: [{ name: cosine, warmupEpochs: 1 }, { name: cosine }] }';
  const pinned = swept(`sweep: { ${mappings} }`, ['training.schedule.warmupEpochs=2']);
  assert.deepEqual(
    pinned.runs.map(({ training }) => training.schedule.warmupEpochs),
    [2],
  );
});

test('what a sweep says twice by itself is refused, whatever is pinned elsewhere in it', () => {
  for (const twice of [
    'zip: { training.l2: [0.1, 0.1], training.batchSize: [8, 8] }',
    'list: [{ training.l2: 0.1 }, { training.l2: 0.1 }]',
  ]) {
    const sweep = `sweep: { grid: { training.learningRate: [0.1, 0.2] }, ${twice} }`;
    assert.match(
      inputErrorOf(() => swept(sweep, ['training.learningRate=0.5'])),
      /are the same run/,
    );
  }
});

test('a zip whose columns differ in length is refused by their lengths, pinned or not', () => {
  const zip = 'zip: { training.l2: [0, 0.1], training.batchSize: [8], training.learningRate: [0.1, 0.2] }';
  assert.match(
    inputErrorOf(() => swept(`sweep: { ${zip} }`, ['training.learningRate=0.5'])),
    /training.l2 has 2 values and training.batchSize 1/,
  );
});

test('an override of a section pins the keys that it names; an override inside a varied mapping is set in each of its values', () => {
  const grid = 'sweep: { grid: { training.learningRate: [0.1, 0.2] } }';
  assert.deepEqual(rates(swept(grid, ['training={learningRate: 0.5, epochs: 3}'])), [0.5]);
  assert.deepEqual(rates(swept(grid, ['training={epochs: 3}'])), [0.1, 0.2]);
  const { runs } = swept('sweep: { grid: { training.schedule: [{ name: cosine }, { name: step }] } }', [
    'training.schedule.warmupEpochs=2',
  ]);
  assert.deepEqual(
    runs.map(({ training }) => [training.schedule.name, training.schedule.warmupEpochs]),
    [
      ['cosine', 2],
      ['step', 2],
    ],
  );
});

test("a file's key pins what the file it extends varies, and a file's sweep varies what the file it extends sets", () => {
  const varying = 'sweep: { grid: { training.learningRate: [0.1, 0.2] } }';
  const fixing = 'training: { learningRate: 0.5 }';
  const pinned = swept(fixing, [], varying);
  assert.deepEqual(rates(pinned), [0.5]);
  assert.equal(pinned.notes.length, 1);
  assert.deepEqual(rates(swept(varying, [], fixing)), [0.1, 0.2]);
});

test('a key that null takes back is at its default, whatever an earlier layer varies, and a note says so', () => {
  const defaults = 0.05;
  for (const block of [
    'grid: { training.learningRate: [0.1, 0.2], training.batchSize: [8, 16] }',
    'zip: { training.learningRate: [0.1, 0.2], training.batchSize: [8, 16] }',
    'list: [{ training.learningRate: 0.1, training.batchSize: 8 }, { training.learningRate: 0.2, training.batchSize: 16 }]',
  ]) {
    const found = swept(`sweep: { ${block} }`, ['training.learningRate=null']);
    assert.deepEqual(rates(found), [defaults, defaults], block);
    assert.match(
      found.notes[0]!,
      /^training\.learningRate is at its default \(override .*no longer varies it/,
      block,
    );
  }
  const seeds = swept('sweep: { seeds: [3, 4] }', ['seed=null']);
  assert.deepEqual(
    seeds.runs.map(({ seed }) => seed),
    [0],
  );
  const varying = 'sweep: { grid: { training.learningRate: [0.1, 0.2] } }';
  assert.deepEqual(rates(swept('training: { learningRate: null }', [], varying)), [defaults]);
  assert.deepEqual(rates(swept(varying, [], 'training: { learningRate: null }')), [0.1, 0.2]);
});

test('null takes back a section with all that a sweep varies of it, and one key of each mapping that it varies', () => {
  const names = (override: string, grid: string) =>
    swept(`sweep: { grid: { ${grid} } }`, [override]).runs.map(({ training }) => [
      training.schedule.name,
      training.schedule.warmupEpochs,
    ]);
  assert.deepEqual(names('training.schedule=null', 'training.schedule.name: [cosine, step]'), [
    ['constant', 0],
  ]);
  assert.deepEqual(
    names(
      'training.schedule.warmupEpochs=null',
      'training.schedule: [{ name: cosine, warmupEpochs: 2 }, { name: step, warmupEpochs: 3 }]',
    ),
    [
      ['cosine', 0],
      ['step', 0],
    ],
  );
});

test('a key that the command line takes back and varies in one is varied', () => {
  const overrides = ['training.l2=null', 'sweep.grid.training.l2=[0.1, 0.2]'];
  assert.deepEqual(
    swept('training: { l2: 0.3 }', overrides).runs.map(({ training }) => training.l2),
    [0.1, 0.2],
  );
});

test('a key that one file both sets and varies is refused with both places', () => {
  const text = 'training: { learningRate: 0.5 }\nsweep: { grid: { training.learningRate: [0.1, 0.2] } }\n';
  assert.match(
    inputErrorOf(() => swept(text)),
    /sweep\.yaml:1:\d+: training\.learningRate is set here and varied by the sweep at .*sweep\.yaml:2:\d+; keep one/,
  );
  const below =
    'training: { schedule: { warmupEpochs: 1 } }\nsweep: { grid: { training.schedule: [{ name: cosine }] } }\n';
  assert.match(
    inputErrorOf(() => swept(below)),
    /training\.schedule\.warmupEpochs is set here and varied/,
  );
  assert.match(
    inputErrorOf(() => swept('seed: 1', ['training.l2=0.1', 'sweep.grid.training.l2=[0.1, 0.2]'])),
    /override training\.l2=0\.1: training\.l2 is set here and varied/,
  );
});

const every = ({ runs }: ReturnType<typeof swept>) => runs.map(({ training }) => training.checkpointEvery);

test('of epochs and steps between checkpoints, fixing one ends the variation of the other', () => {
  const blocks = [
    'grid: { training.checkpointEvery.epochs: [1, 2] }',
    'zip: { training.checkpointEvery.epochs: [1, 2] }',
    'list: [{ training.checkpointEvery.epochs: 1 }, { training.checkpointEvery.steps: 7 }]',
    'random: { n: 2, seed: 0, keys: { training.checkpointEvery.epochs: { choice: [1, 2] } } }',
    'grid: { training.checkpointEvery: [{ epochs: 1 }, { steps: 7 }] }',
    'grid: { training.checkpointEvery.epochs: [1, 2] }, exclude: [{ training.checkpointEvery.epochs: 2 }]',
    'grid: { training.checkpointEvery.epochs: [1, 100] }, exclude: [{ training.checkpointEvery.epochs: 100 }]',
  ];
  for (const block of blocks) {
    const found = swept(`sweep: { ${block} }`, ['training.checkpointEvery.steps=100']);
    assert.deepEqual(every(found), [{ steps: 100 }], block);
    assert.match(
      found.notes[0]!,
      /^training\.checkpointEvery\.steps is 100 \(override .*\); the sweep at .* no longer varies (it|training\.checkpointEvery(\.epochs)?)$/,
    );
  }
  const inherited = swept('training: { checkpointEvery: { steps: 9 } }', [], `sweep: { ${blocks[0]} }`);
  assert.deepEqual(every(inherited), [{ steps: 9 }]);
  const varying = swept(`sweep: { ${blocks[0]} }`, [], 'training: { checkpointEvery: { steps: 9 } }');
  assert.deepEqual(every(varying), [{ epochs: 1 }, { epochs: 2 }]);
});

test('a file that sets one of epochs and steps and varies the other is refused, and so is one that varies both', () => {
  const body = 'training: { checkpointEvery: { steps: 5 } }\n';
  for (const block of [
    'grid: { training.checkpointEvery.epochs: [1, 2] }',
    'list: [{ training.checkpointEvery.epochs: 1 }, { training.checkpointEvery.steps: 7 }]',
    'grid: { training.checkpointEvery: [{ epochs: 1 }, { steps: 7 }] }',
  ])
    assert.match(
      inputErrorOf(() => swept(`${body}sweep: { ${block} }`)),
      /sweep.yaml:1:39: training.checkpointEvery.steps is set here and (\S+ )?varied by the sweep at .*sweep.yaml:2:\d+; keep one of them$/,
      block,
    );
  const one = 'list: [{ training.checkpointEvery.epochs: 1 }, { seed: 1 }]';
  assert.deepEqual(every(swept(`${body}sweep: { ${one} }`)), [{ epochs: 1 }, { steps: 5 }]);
  for (const both of [
    'grid: { training.checkpointEvery.epochs: [1], training.checkpointEvery.steps: [7, 8] }',
    'grid: { training.checkpointEvery.epochs: [1] }, zip: { training.checkpointEvery.steps: [7, 8] }',
    'list: [{ training.checkpointEvery.epochs: 1, training.checkpointEvery.steps: 7 }]',
  ])
    assert.match(
      inputErrorOf(() => swept(`sweep: { ${both} }`)),
      /sets training.checkpointEvery.\w+ and sweep.\w+ training.checkpointEvery.\w+: a key is set in one place/,
      both,
    );
});

test('an exclusion that matches no run is refused; one that pinning has made idle is not', () => {
  const sweep = (excluded: string) =>
    `sweep: { grid: { training.learningRate: [0.1, 0.2], training.batchSize: [8, 16] }, exclude: [${excluded}] }`;
  assert.match(
    inputErrorOf(() => swept(sweep('{ training.learningRate: 0.1, training.batchSize: 64 }'))),
    /sweep\.exclude\[0\] matches no run/,
  );
  const idle = sweep('{ training.learningRate: 0.1, training.batchSize: 8 }');
  assert.deepEqual(rates(swept(idle, ['training.learningRate=0.5'])), [0.5, 0.5]);
});

test('seeds are told apart up to 2^32 - 1, and no further', () => {
  assert.deepEqual(
    swept('sweep: { seeds: [0, 4294967295] }').runs.map(({ seed }) => seed),
    [0, 4294967295],
  );
  for (const text of [
    'sweep: { seeds: [0, 4294967296] }',
    'seed: 4294967296',
    'measure: { seed: 4294967296 }',
    'fewshot: { seed: 9007199254740993 }',
  ])
    assert.match(
      inputErrorOf(() => swept(text)),
      /4294967295/,
      text,
    );
});

test('a # in an override belongs to the text', () => {
  const nameOf = (override: string) => swept('seed: 0', [override]).runs[0]!.data.name;
  assert.equal(nameOf('data.name=images/set #1'), 'images/set #1');
  assert.equal(nameOf('data.name=#1'), '#1');
  assert.match(
    inputErrorOf(() => nameOf('data.name=[a] # b')),
    /a comment/,
  );
});

test('what YAML would take for nothing, or a shell would have expanded, is refused by name', () => {
  for (const value of ['~', '&x', '---'])
    assert.throws(() => swept('seed: 0', [`data.name=${value}`]), { name: 'InputError' }, value);
  assert.match(
    inputErrorOf(() => swept('seed: 0', ['data.name=~/images'])),
    /data\.name: ~\/images begins with ~/,
  );
  assert.match(
    inputErrorOf(() => swept('model: { weights: ~/w }')),
    /model\.weights: ~\/w begins with ~/,
  );
  assert.equal(swept('data: { name: x }', ['data.name=null']).runs[0]!.data.name, 'glyphs');
});
