import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse, stringify } from 'yaml';
import { expandSweep } from '../../src/config/expand.ts';
import { formerHashesOf, hashOfConfig } from '../../src/config/run-identity.ts';
import { runConfigSchema, sweepFileSchema } from '../../src/config/schema.ts';
import { inputErrorOf, runsOf, scratchFolder } from './scratch.ts';

const expand = (file: object) => expandSweep(sweepFileSchema.parse(file));
const valuesOf = (file: object, ...keys: string[]) =>
  expand(file).map(({ parameters }) => keys.map((key) => parameters[key]));

test('a file without a sweep is one run of the defaults and what it says', () => {
  const [run, ...more] = expand({ training: { epochs: 3 } });
  assert.equal(more.length, 0);
  assert.deepEqual(run!.config, runConfigSchema.parse({ training: { epochs: 3 } }));
  assert.deepEqual(run!.parameters, {});
  assert.equal(run!.folderName, `s0-${run!.hash}`);
});

test('grid: the cartesian product, the first key slowest, seeds fastest', () => {
  const sweep = {
    grid: { 'training.learningRate': [0.1, 0.2], 'training.batchSize': [8, 16] },
    seeds: [3, 4],
  };
  assert.deepEqual(valuesOf({ sweep }, 'training.learningRate', 'training.batchSize', 'seed'), [
    [0.1, 8, 3],
    [0.1, 8, 4],
    [0.1, 16, 3],
    [0.1, 16, 4],
    [0.2, 8, 3],
    [0.2, 8, 4],
    [0.2, 16, 3],
    [0.2, 16, 4],
  ]);
  const { config, parameters } = expand({ sweep })[7]!;
  assert.deepEqual([config.training.learningRate, config.training.batchSize, config.seed], [0.2, 16, 4]);
  assert.deepEqual(parameters, { 'training.learningRate': 0.2, 'training.batchSize': 16, seed: 4 });
});

test('zip goes position by position, list as written, and both multiply', () => {
  const sweep = {
    zip: { 'training.batchSize': [8, 16], 'training.epochs': [1, 2] },
    list: [{ 'model.name': 'vgg13', 'model.batchNorm': false }, { 'training.l2': 0.1 }],
  };
  assert.deepEqual(
    expand({ sweep }).map(({ config: { model, training } }) => [
      training.batchSize,
      training.epochs,
      model.name,
      model.batchNorm,
      training.l2,
    ]),
    [
      [8, 1, 'vgg13', false, 0],
      [8, 1, 'resnet18', true, 0.1],
      [16, 2, 'vgg13', false, 0],
      [16, 2, 'resnet18', true, 0.1],
    ],
  );
});

test('random: the same draws from the same seed, in range, each key from its own stream', () => {
  const keys = {
    'training.learningRate': { logUniform: [0.001, 1] },
    'training.momentum': { uniform: [0.5, 0.9] },
    'training.batchSize': { integer: [8, 64] },
    'model.name': { choice: ['resnet18', 'vgg13'] },
  };
  const draw = (random: object) => expand({ sweep: { random } }).map(({ parameters }) => parameters);
  const twenty = draw({ n: 20, seed: 1, keys });
  assert.deepEqual(draw({ n: 20, seed: 1, keys }), twenty);
  assert.notDeepEqual(draw({ n: 20, seed: 2, keys }), twenty);
  assert.deepEqual(draw({ n: 30, seed: 1, keys }).slice(0, 20), twenty, 'a larger n only adds');
  const { 'training.momentum': _, ...fewer } = keys;
  assert.deepEqual(
    draw({ n: 20, seed: 1, keys: fewer }).map((each) => each['training.learningRate']),
    twenty.map((each) => each['training.learningRate']),
    'another key changes no draw',
  );
});

const choices = { 'training.batchSize': { choice: [16, 32, 64] }, 'training.l2': { choice: [0, 1e-4] } };
const drawnOf = (n: number, seed: number, keys: object = choices) =>
  valuesOf({ sweep: { random: { n, seed, keys } } }, ...Object.keys(keys));

test('random: no combination is drawn twice, whatever the seed, up to all that there are', () => {
  for (let seed = 0; seed < 50; seed++) {
    const all = drawnOf(6, seed);
    assert.equal(new Set(all.map(String)).size, 6, `seed ${seed}`);
    for (let n = 1; n < 6; n++) assert.deepEqual(drawnOf(n, seed), all.slice(0, n), 'a larger n only adds');
  }
  const numbers = drawnOf(2000, 0, { 'training.epochs': { integer: [1, 2000] } });
  assert.equal(new Set(numbers.map(String)).size, 2000);
});

test('random: draws that did not repeat are what they were when draws could repeat', () => {
  assert.deepEqual(drawnOf(5, 1), [
    [32, 1e-4],
    [16, 0],
    [64, 1e-4],
    [16, 1e-4],
    [64, 0],
  ]);
  const keys = {
    'training.learningRate': { logUniform: [0.001, 1] },
    'training.batchSize': { integer: [8, 64] },
  };
  assert.deepEqual(drawnOf(3, 7, keys), [
    [0.008670084551, 38],
    [0.5448140468, 20],
    [0.02087631823, 9],
  ]);
});

test('logUniform is uniform in the logarithm: mean and spread of 2,000 draws', () => {
  const random = { n: 2000, seed: 5, keys: { 'training.learningRate': { logUniform: [0.001, 1] } } };
  const logs = valuesOf({ sweep: { random } }, 'training.learningRate').map(([rate]) =>
    Math.log10(Number(rate)),
  );
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length;
  const variance = logs.reduce((sum, each) => sum + (each - mean) ** 2, 0) / logs.length;
  // Uniform on [-3, 0]: mean -1.5, variance 9/12; 5 standard errors of each.
  assert.ok(Math.abs(mean + 1.5) < 5 * Math.sqrt(0.75 / 2000), `mean ${mean}`);
  assert.ok(Math.abs(variance - 0.75) < 5 * Math.sqrt((81 / 80 - 0.75 ** 2) / 2000), `variance ${variance}`);
});

test('exclude removes what matches all its keys, base values and seeds included', () => {
  const sweep = {
    grid: { 'training.learningRate': [0.1, 0.2], 'training.batchSize': [8, 16] },
    seeds: [0, 1],
    exclude: [
      { 'training.learningRate': 0.1, 'training.batchSize': 16 },
      { 'training.learningRate': 0.2, seed: 1 },
      { 'training.batchSize': 8, 'training.epochs': 10, seed: 1 },
    ],
  };
  assert.deepEqual(valuesOf({ sweep }, 'training.learningRate', 'training.batchSize', 'seed'), [
    [0.1, 8, 0],
    [0.2, 8, 0],
    [0.2, 16, 0],
  ]);
});

test('a mapping is set whole, null takes a value back to its default', () => {
  const file = {
    data: { perClass: 50 },
    training: { schedule: { name: 'step', gamma: 0.5 }, checkpointEvery: { steps: 5 } },
    sweep: {
      grid: {
        'training.schedule': [{ name: 'cosine' }],
        'data.perClass': [null, 10],
        'training.checkpointEvery.epochs': [2],
      },
    },
  };
  const [all, ten] = expand(file).map(({ config }) => config);
  assert.equal(all!.training.schedule.gamma, 0.1);
  assert.deepEqual(all!.training.checkpointEvery, { epochs: 2 });
  assert.deepEqual([all!.data.perClass, ten!.data.perClass], [undefined, 10]);
});

test('the hash of before format 1 is that of the resolved config as JSON with sorted keys; folder names say what varies', () => {
  const sweep = {
    grid: {
      'training.learningRate': [0.05],
      'model.name': ['vgg13'],
      'fewshot.shots': [[1, 5]],
      'training.l2': [5e-4],
    },
    seeds: [2],
  };
  const { config, hash, folderName } = expand({ sweep })[0]!;
  const sorted = (value: unknown): unknown =>
    Array.isArray(value)
      ? value.map(sorted)
      : typeof value === 'object' && value !== null
        ? Object.fromEntries(
            Object.entries(value)
              .sort(([a], [b]) => (a < b ? -1 : 1))
              .map(([k, v]) => [k, sorted(v)]),
          )
        : value;
  const sha256 = createHash('sha256')
    .update(JSON.stringify(sorted(config)))
    .digest('hex');
  assert.ok(formerHashesOf(config).includes(sha256.slice(0, 8)));
  assert.equal(hash, hashOfConfig(config));
  assert.equal(folderName, `lr0.05-vgg13-shots_1_5-l2_0.0005-s2-${hash}`);
});

test('config.yaml as a run folder holds it has the same hash', () => {
  const file = {
    data: { name: 'no: "name"\n#', perClass: 7 },
    training: { learningRate: 1e-7, l2: 0.1 + 0.2, checkpointEvery: { steps: 3 } },
    model: { weights: 'null' },
  };
  const { config, hash } = expand(file)[0]!;
  assert.equal(hashOfConfig(runConfigSchema.parse(parse(stringify(config), { schema: 'core' }))), hash);
});

const wrong: readonly (readonly [what: string, text: string, place: string, says: RegExp])[] = [
  [
    'a value of a grid',
    'sweep: {grid: {training.learningRate: [0.1, -1]}}',
    ':1:45',
    /sweep.grid: training.learningRate must be a number above 0, not -1/,
  ],
  [
    'a value of a list',
    'sweep: {list: [{model.name: vgg}]}',
    ':1:29',
    /sweep.list: model.name must be one of .*, not vgg/,
  ],
  [
    'a part of a mapping',
    'sweep: {grid: {training.schedule: [{nam: step}]}}',
    ':1:36',
    /sweep.grid: unknown key "nam" in training.schedule; did you mean name/,
  ],
  [
    'an unknown key',
    'sweep: {grid: {training.lr: [1]}}',
    ':1:16',
    /unknown key "training.lr" in sweep.grid; did you mean training.learningRate\?/,
  ],
  [
    'a key without its section',
    'sweep: {zip: {batchSize: [1]}}',
    ':1:15',
    /did you mean training.batchSize\?/,
  ],
  [
    'an unknown key to exclude',
    'sweep: {exclude: [{lr: 1}]}',
    ':1:20',
    /unknown key "lr" in sweep.exclude; did you mean training.learningRate\?/,
  ],
  [
    'an impossible value to exclude',
    'sweep: {exclude: [{training.l2: high}]}',
    ':1:33',
    /sweep.exclude: training.l2 must be a number from 0, not high/,
  ],
  [
    'a zip of two lengths',
    'sweep: {zip: {seed: [1, 2], training.l2: [1]}}',
    ':1:42',
    /sweep.zip: seed has 2 values and training.l2 1/,
  ],
  [
    'an empty range',
    'sweep: {random: {n: 1, seed: 0, keys: {training.l2: {uniform: [1, 0]}}}}',
    ':1:53',
    /the range \[1, 0\] is empty/,
  ],
  [
    'a draw out of range',
    'sweep: {random: {n: 9, seed: 0, keys: {training.momentum: {uniform: [2, 3]}}}}',
    ':1:59',
    /sweep.random: training.momentum must be a number from 0, below 1/,
  ],
  [
    'more draws than combinations',
    'sweep: {random: {n: 5, seed: 0, keys: {model.width: {choice: [8, 16, 8]}, seed: {integer: [3, 4]}}}}',
    ':1:21',
    /sweep.random.n is 5, and its keys have only 4 different combinations; give at most 4/,
  ],
  [
    'a range of one value',
    'sweep: {random: {n: 2, seed: 0, keys: {training.l2: {uniform: [1, 1.00000000001]}}}}',
    ':1:21',
    /sweep.random.n is 2, and its keys have only 1 different combination; give at most 1/,
  ],
  [
    'a key in two blocks',
    'sweep: {grid: {seed: [1]}, seeds: [1]}',
    ':1:28',
    /sweep.grid sets seed and sweep.seeds seed: a key is set in one place/,
  ],
  [
    'a key and its section',
    'sweep: {grid: {model: [{width: 1}]}, zip: {model.width: [1]}}',
    ':1:44',
    /sweep.grid sets model and sweep.zip model.width/,
  ],
  [
    'a value twice',
    'sweep: {grid: {training.l2: [1, 1.0]}, seeds: [0]}',
    ':1:33',
    /runs 1 and 2 of the sweep are the same run \(training.l2=1 seed=0\)/,
  ],
  ['nothing left', 'sweep: {exclude: [{seed: 0}]}', ':1:18', /sweep.exclude leaves no run/],
  [
    'too many runs',
    `sweep: {seeds: [0, 1, 2], random: {n: 100000, seed: 0, keys: {training.l2: {uniform: [0, 1]}}}}`,
    ':1:8',
    /300000 runs; at most 100000/,
  ],
  [
    'a size to crop from that is below the size',
    'data: {imageSize: 64, resize: 48}',
    ':1:31',
    /data.resize is 48, less than data.imageSize, 64; nothing is left to crop/,
  ],
  [
    'a resized crop beside the crop',
    'data: {resizedCrop: {}}',
    ':1:21',
    /data.resizedCrop crops instead of data.augmentation, which is crop-flip; make that flip or none/,
  ],
  [
    'a resized crop whose scale falls',
    'data: {augmentation: flip, resizedCrop: {scale: [0.5, 0.2]}}',
    ':1:49',
    /data.resizedCrop.scale must not fall, as \[0.5, 0.2\] does/,
  ],
  [
    'a dropout of frozen layers',
    'model: {name: vgg11, hidden: [8], dropout: 0.2, freeze: true}',
    ':1:44',
    /model.dropout does nothing with model.freeze: frozen layers run as in inference, without dropout; leave one of them out/,
  ],
  [
    'DropBlock in frozen layers',
    'model: {name: resnet12, dropBlock: {size: 2}, freeze: true}',
    ':1:36',
    /model.dropBlock does nothing with model.freeze: frozen layers run as in inference, without dropout; leave one of them out/,
  ],
  [
    'a penalty on the complexity of frozen layers',
    'model: {freeze: true}\ntraining: {gcPenalty: 0.001}',
    ':2:23',
    /training.gcPenalty does nothing with model.freeze: the embedding, whose complexity it lowers, is frozen; leave one of them out/,
  ],
  [
    'nesterov without momentum',
    'training: {nesterov: true, momentum: 0}',
    ':1:22',
    /training.nesterov is true but training.momentum is 0/,
  ],
  [
    'a warm-up longer than training',
    'training: {epochs: 2, schedule: {warmupEpochs: 3}}',
    ':1:48',
    /warmupEpochs is 3, more than training.epochs, 2/,
  ],
  [
    'milestones that fall',
    'training: {schedule: {milestones: [0.5, 0.2]}}',
    ':1:35',
    /milestones must rise, not be \[0.5, 0.2\]/,
  ],
  [
    'ResNet without batch norm',
    'sweep: {grid: {model.batchNorm: [true, false]}}',
    ':1:40',
    /model.batchNorm is false, and resnet18 takes only true; others are for vgg11, vgg13, vgg16/,
  ],
  [
    'a number of shots twice',
    'fewshot: {shots: [5, 5]}',
    ':1:18',
    /fewshot.shots names a value twice: \[5, 5\]/,
  ],
];

for (const [what, text, place, says] of wrong)
  test(`${what}: one line that names block, key and value`, (context) => {
    const path = join(scratchFolder({ 'a.yaml': text }, context), 'a.yaml');
    const message = inputErrorOf(() => runsOf(path));
    assert.ok(message.startsWith(`${path}${place}: `), message);
    assert.match(message, says);
  });

test('a value that is given twice is blamed at its own place, an override too', (context) => {
  const text = 'data: { name: glyphs }\nsweep:\n  grid: { training.l2: [0, 1] }\n';
  const path = join(scratchFolder({ 'a.yaml': text }, context), 'a.yaml');
  assert.match(
    inputErrorOf(() => runsOf(path, ['sweep.seeds=[0,0]'])),
    /^override sweep.seeds=\[0,0\]: runs 1 and 2 of the sweep are the same run/,
  );
});
