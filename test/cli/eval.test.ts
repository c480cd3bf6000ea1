import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { imageReadoutNames, readoutNames } from '../../src/readouts/readouts.ts';
import { sampleEmbeddings, sampleSets } from '../fewshot/samples.ts';
import { formulaWeights, uniform } from '../models/formula.ts';
import { networkOf } from '../models/networks.ts';
import { gcnc, outputOf, refusalOf } from './in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-eval-'));
after(() => rmSync(root, { recursive: true }));
const at = (name: string): string => join(root, name);
const main = resolve(import.meta.dirname, '../../src/cli/main.ts');

const watch = at('watch.mjs');
writeFileSync(
  watch,
  `const open = process.dlopen;
process.dlopen = (...args) => {
  process.stderr.write(\`opens \${args[1]}\\n\`);
  return open.apply(process, args);
};
`,
);
/** Whether a process of the program opens TensorFlow's addon. */
const loadsTensorFlow = (args: readonly string[]): boolean => {
  const { status, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    encoding: 'utf8',
    env: { ...process.env, NODE_OPTIONS: `--import=${watch}` },
  });
  assert.equal(status, 0, stderr);
  return /^opens .*tfjs_binding\.node$/m.test(stderr);
};

const sample = sampleEmbeddings('narrow6', sampleSets.narrow6);
const file = at('embeddings.npz');
const { values, labels, dimension, classNames } = sample;
writeNpz(file, {
  embeddings: { shape: [labels.length, dimension], values },
  labels: { shape: [labels.length], values: labels },
  class_names: { shape: [7], values: classNames },
});

/** Embeddings of other classes, as those of validation classes are. */
const writeValidation = (name: string, names: readonly string[] | null, of = values): string => {
  writeNpz(at(name), {
    embeddings: { shape: [labels.length, dimension], values: of },
    labels: { shape: [labels.length], values: labels },
    ...(names && { class_names: { shape: [names.length], values: names } }),
  });
  return at(name);
};
const otherValues = sampleEmbeddings('others', sampleSets.narrow6).values as Float64Array;
const otherNames = classNames.map((name) => `other ${name}`);
const validation = writeValidation('validation.npz', otherNames, otherValues);

const few = ['--episodes', '50'];

describe('gcnc eval FILE.npz', () => {
  test('--json: one object with its keys, and every result with what it depends on', async () => {
    const args = ['--shots', '1,5,all', '--readout', 'ridge,cosine', '--seed', '4', '--normalize', '--json'];
    const record = JSON.parse(await outputOf(['eval', file, ...few, ...args]));
    const { results, ...rest } = record;
    assert.deepEqual(Object.keys(record), [
      ...['checkpoint', 'data', 'split', 'ways', 'queries', 'episodes', 'chance', 'results'],
    ]);
    assert.deepEqual(rest, {
      checkpoint: null,
      data: file,
      split: null,
      ways: 5,
      queries: 15,
      episodes: 50,
      chance: 0.2,
    });
    assert.deepEqual(
      results.map(({ shots, readout }: Record<string, unknown>) => [shots, readout]),
      [1, 5, 'all'].flatMap((shots) => ['ridge', 'cosine'].map((readout) => [shots, readout])),
    );
    const own = evaluateEpisodes(sample, {
      ways: 5,
      shots: [1, 5],
      queries: 15,
      episodes: 50,
      readouts: ['ridge', 'cosine'],
      seed: 4,
      features: { normalize: true },
    }).results;
    own.forEach(({ accuracy, ci95 }, index) => {
      assert.equal(results[index].accuracy, accuracy);
      assert.deepEqual(results[index].ci95, ci95);
    });
    const { accuracy: _, ci95: __, episodeList, ...first } = results[0];
    assert.match(episodeList, /^[0-9a-f]{12}$/);
    assert.deepEqual(first, {
      shots: 1,
      readout: 'ridge',
      intervalOver: 'episodes',
      n: 50,
      ways: 5,
      chance: 0.2,
      seed: 4,
      trainExamples: 5,
      tested: null,
      layer: null,
      dimension: 6,
      precision: 'float64',
      examples: 420,
      classes: 7,
      centre: 'none',
      normalize: true,
      regularization: { alpha: 1 },
      unconverged: 0,
    });
    const last = results.at(-1);
    assert.deepEqual(
      [last.intervalOver, last.n, last.ways, last.trainExamples, last.tested, last.episodeList],
      ['test examples', 70, 7, 350, 'one sixth of each class, drawn with the seed 4', null],
    );
  });

  test('logistic and nearest mean at 5 shots by default; the table names size, seed, interval and n', async () => {
    const text = await outputOf(['eval', file, ...few]);
    assert.match(text, /embeddings \(6\), float64, made elsewhere; 420 examples of 7 classes$/m);
    assert.match(
      text,
      /^50 episodes of 5 ways, 15 queries per class; seed 0, list [0-9a-f]{12}; chance 20.00 %$/m,
    );
    assert.match(text, /^5 +logistic +\d\d\.\d\d +\d\d\.\d\d to \d\d\.\d\d +50 episodes +C = 1$/m);
    assert.match(text, /^5 +nearest-mean +\d\d\.\d\d +\d\d\.\d\d to \d\d\.\d\d +50 episodes$/m);
    assert.match(text, /they say nothing of other training seeds\.$/m);
  });

  test('TensorFlow is not loaded', async () => {
    assert.ok(!loadsTensorFlow(['eval', file, ...few]));
  });

  test('a saved list gives the same results; per-episode tables of one list can be compared', async () => {
    const [list, table] = [at('list.json'), at('table.csv')];
    const drawn = await outputOf([
      'eval',
      file,
      ...few,
      '--save-episodes',
      list,
      '--per-episode',
      table,
      '--json',
    ]);
    assert.equal(await outputOf(['eval', file, '--episode-list', list, '--json']), drawn);
    const rows = readFileSync(table, 'utf8').trimEnd().split('\r\n');
    assert.match(rows[0]!, /^evaluated,list,episode,shots,readout,accuracy,/);
    assert.equal(rows.length, 1 + 50 * 2);
    const { results } = JSON.parse(drawn);
    const mean = rows.slice(1, 51).reduce((sum, row) => sum + Number(row.split(',')[5]), 0) / 50;
    assert.ok(Math.abs(mean - results[0].accuracy) < 1e-12);
    const centred = at('centred.csv');
    await outputOf([
      'eval',
      file,
      '--episode-list',
      list,
      '--centre',
      'support',
      '--normalize',
      '--per-episode',
      centred,
    ]);
    const compared = JSON.parse(await outputOf(['compare', centred, table, '--json']));
    assert.deepEqual(
      compared.results.map(({ readout, episodes }: Record<string, unknown>) => [readout, episodes]),
      [
        ['logistic', 50],
        ['nearest-mean', 50],
      ],
    );
  });

  test('--ways all, --disjoint and --C auto: what was drawn and chosen stands in the results', async () => {
    const args = ['--ways', 'all', '--disjoint', '--queries', '5', '--C', 'auto', '--validation', validation];
    const { results, ways, episodes } = JSON.parse(
      await outputOf(['eval', file, ...args, '--shots', '5,all', '--readout', 'logistic', '--json']),
    );
    // 60 images per class, 10 for an episode of all 7 classes.
    assert.deepEqual([ways, episodes, results[0].n, results[0].disjoint], [7, 6, 6, true]);
    for (const { regularization } of results) assert.ok(regularization.C >= 1e-4 && regularization.C <= 100);
    const text = await outputOf(['eval', file, ...args]);
    assert.match(text, /^No image is in two episodes: intervals over episodes hold for new images/m);
  });

  test('--C auto refuses to choose on what is reported', async () => {
    const refused = (path: string, reported = file) =>
      refusalOf(['eval', reported, '--C', 'auto', '--validation', path]);
    const someNames = [...otherNames.slice(1), classNames[2]!];
    assert.match(
      await refused(writeValidation('some.npz', someNames, otherValues)),
      /^--validation .*some.npz: 1 of its classes are in .*embeddings.npz too \(class-2\); give embeddings of other classes$/,
    );
    assert.match(await refused(file), /7 of its classes are in/);
    const same = /holds the embeddings of .*; give embeddings of other classes$/;
    assert.match(await refused(writeValidation('renamed.npz', otherNames)), same);
    const unnamed = writeValidation('unnamed.npz', null);
    assert.match(await refused(unnamed), same);
    assert.match(await refused(`${root}/./unnamed.npz`, unnamed), same);
  });

  test('--C auto takes other embeddings, whose classes are numbered as those that are reported', async () => {
    const [reported, other] = [
      writeValidation('one.npz', null),
      writeValidation('two.npz', null, otherValues),
    ];
    const args = ['--C', 'auto', '--validation', other, '--readout', 'logistic', '--shots', '5', '--json'];
    const { results } = JSON.parse(await outputOf(['eval', reported, ...few, ...args]));
    assert.ok(results[0].regularization.C >= 1e-4);
  });

  test('what is wrong is said in one line', async () => {
    assert.match(await refusalOf(['eval', at('nowhere.npz')]), /nowhere.npz: no such file$/);
    assert.match(
      await refusalOf(['eval', file, '--shots', '0']),
      /--shots.*allowed are whole numbers from 1, and all/,
    );
    assert.match(await refusalOf(['eval', file, '--shots', '5,5']), /5 is named twice/);
    assert.match(
      await refusalOf(['eval', file, '--readout', 'svm']),
      new RegExp(`allowed are ${[...readoutNames, ...imageReadoutNames].join(', ')}`),
    );
    assert.match(
      await refusalOf(['eval', file, '--ways', '9']),
      /9 ways from 7 classes; at least 9 are needed/,
    );
    assert.match(
      await refusalOf(['eval', file, '--shots', '46']),
      /class class-0 has 60 examples; 46 shots and 15 queries/,
    );
    assert.match(
      await refusalOf(['eval', file, '--split', 'target']),
      /--split: .* holds embeddings already/,
    );
    assert.match(
      await refusalOf(['eval', file, '--centre', 'base']),
      /has no array base_mean; allowed are none, support/,
    );
    assert.match(
      await refusalOf(['eval', file, '--shots', 'all', '--per-episode', at('x.csv')]),
      /^--per-episode: does nothing with --shots all, which draws no episodes/,
    );
    assert.match(
      await refusalOf(['eval', file, '--episode-list', at('list.json'), '--seed', '1']),
      /--episode-list.*cannot be used with.*--seed/,
    );
    assert.match(
      await refusalOf(['eval', file, '--C', 'auto']),
      /--C auto: give embeddings of validation classes/,
    );
    assert.match(
      await refusalOf(['eval', file, '--readout', 'fine-tune']),
      /needs images, and .* holds embeddings/,
    );
    assert.match(
      await refusalOf(['eval', file, '--augment', '5']),
      /--augment: needs images, and .* holds embeddings/,
    );
    assert.match(
      await refusalOf(['eval', file, '--disjoint', '--shots', '40']),
      /have images for 1; at least 2/,
    );
    assert.match(await refusalOf(['eval', at('no-checkpoint')]), /no such file; a checkpoint is a folder/);
    assert.ok(!existsSync(at('x.csv')));
  });
});

describe('gcnc eval CHECKPOINT', () => {
  const [side, classes, perClass] = [32, 4, 12];
  const images = at('images.npz');
  const count = classes * perClass;
  writeNpz(images, {
    images: {
      shape: [count, side, side, 3],
      values: Uint8Array.from(uniform('eval images', count * side * side * 3), (value) =>
        Math.floor((value + 1) * 128),
      ),
    },
    labels: { shape: [count], values: Int32Array.from({ length: count }, (_, i) => i % classes) },
  });
  const checkpoint = at('checkpoint');
  const weights = at('weights.safetensors');
  const network = networkOf('resnet18', side);
  const stored = [...formulaWeights(weightSpecs(network))].map(
    ([name, tensor]) => [name, float32Tensor(tensor.shape, tensor.values)] as const,
  );
  writeFileSync(weights, encodeSafetensors(new Map(stored)));
  const asked = ['--data', images, '--ways', '3', '--queries', '5', ...few, '--json'];
  const cacheFiles = () => readdirSync(join(checkpoint, 'embeddings'));

  test('embeddings are computed once; the second call loads no TensorFlow and gives the same', async () => {
    await outputOf([
      'import',
      weights,
      '--model',
      'resnet18',
      'model.width=8',
      '--out',
      checkpoint,
      '--normalization',
      '0.5,0.4,0.3:0.25,0.2,0.5',
    ]);
    assert.ok(loadsTensorFlow(['eval', checkpoint, ...asked]));
    assert.equal(cacheFiles().length, 1);
    assert.ok(!loadsTensorFlow(['eval', checkpoint, ...asked]));
    rmSync(join(checkpoint, 'embeddings'), { recursive: true });
    const first = JSON.parse(await outputOf(['eval', checkpoint, ...asked]));
    assert.deepEqual(
      [first.checkpoint, first.data, first.split, first.ways, first.queries],
      [checkpoint, images, 'all', 3, 5],
    );
    const { layer, dimension, precision, examples } = first.results[0];
    assert.deepEqual([layer, dimension, precision, examples], ['embedding', 64, 'float32', count]);
    assert.equal(cacheFiles().length, 1);
    assert.deepEqual(JSON.parse(await outputOf(['eval', checkpoint, ...asked])), first);
  });

  test('the embeddings are those of gcnc embed', async () => {
    const embedded = at('embedded.npz');
    await outputOf(['embed', checkpoint, '--data', images, '--out', embedded]);
    const accuraciesOf = async (...args: readonly string[]): Promise<readonly number[]> =>
      JSON.parse(await outputOf(args)).results.map(({ accuracy }: { accuracy: number }) => accuracy);
    assert.deepEqual(
      await accuraciesOf('eval', embedded, '--ways', '3', '--queries', '5', ...few, '--json'),
      await accuraciesOf('eval', checkpoint, ...asked),
    );
  });

  test('a damaged cache is replaced, and said to be; another layer is another file', async () => {
    const before = await outputOf(['eval', checkpoint, ...asked]);
    truncateSync(join(checkpoint, 'embeddings', cacheFiles()[0]!), 1000);
    const { stdout, stderr } = await gcnc(['eval', checkpoint, ...asked]);
    assert.equal(stdout, before);
    assert.match(stderr, /^a damaged embedding cache was replaced$/m);
    await outputOf(['eval', checkpoint, ...asked, '--layer', 'logits']);
    assert.equal(cacheFiles().length, 2);
  });

  test('--augment: supports are copies; --C auto asks the validation classes of the same data', async () => {
    const plain = JSON.parse(await outputOf(['eval', checkpoint, ...asked])).results;
    const copied = JSON.parse(await outputOf(['eval', checkpoint, ...asked, '--augment', '2'])).results;
    assert.deepEqual([plain[0].augmentedSupports, copied[0].augmentedSupports], [undefined, 2]);
    assert.notEqual(copied[0].accuracy, plain[0].accuracy);
    assert.match(
      await refusalOf(['eval', checkpoint, ...asked, '--C', 'auto']),
      /--split validation: the class split none of .* has no such classes/,
    );
  });

  test('--readout fine-tune: the first episodes of the list, beside the other readouts; its cost is said before', async () => {
    const args = [...asked, '--shots', '1', '--readout', 'nearest-mean,fine-tune'];
    args.push('--fine-tune-episodes', '2', '--steps', '3');
    const cost = JSON.parse(await outputOf(['eval', checkpoint, ...args, '--dry-run']));
    // 2 episodes of 3 ways: 3 steps on 3 supports, 15 queries.
    assert.deepEqual([cost.trainedImages, cost.askedImages], [18, 30]);
    const listed = JSON.parse(
      await outputOf([
        'eval',
        checkpoint,
        ...args,
        '--episodes',
        '2',
        '--fine-tune-episodes',
        '9',
        '--dry-run',
      ]),
    );
    assert.deepEqual([listed.trainedImages, listed.askedImages], [18, 30]);
    const table = at('fine-tune.csv');
    const { results } = JSON.parse(
      await outputOf(['eval', checkpoint, ...args, '--per-episode', table, '--precision', 'bfloat16']),
    );
    // Fine-tuning computes in float32, whatever the embeddings are in.
    assert.deepEqual(
      results.map(({ readout, n, precision }: Record<string, unknown>) => [readout, n, precision]),
      [
        ['nearest-mean', 50, 'bfloat16'],
        ['fine-tune', 2, 'float32'],
      ],
    );
    const { regularization } = results[1];
    assert.deepEqual(regularization, { steps: 3, headRate: 0.01, bodyRate: 0.001, batchSize: 128 });
    const rows = readFileSync(table, 'utf8').split('\n');
    assert.equal(rows.filter((line) => line.includes('fine-tune,')).length, 2);
  });

  test('--C auto is refused where the classes that are evaluated hold those that it chooses on', async () => {
    const args = ['eval', checkpoint, '--data', 'glyphs', '--C', 'auto', '--ways', '3', ...few];
    assert.match(
      await refusalOf([...args, '--split', 'all']),
      /--C auto: chooses on the validation classes, and --split all holds them too \(.+\); give a split without them/,
    );
  });

  test('--shots all draws its test examples with --seed where the data set comes without a test part', async () => {
    const split = at('split.yaml');
    writeFileSync(split, "source: ['0', '1']\ntarget: ['2', '3']\n");
    const run = at('split-run');
    mkdirSync(run);
    const config = runConfigSchema.parse({
      data: { name: images, split },
      model: { name: 'resnet10', width: 4 },
      training: { epochs: 1, batchSize: 10 },
      measure: { examples: 6 },
      fewshot: { ways: 2, shots: [1], queries: 1, episodes: 2 },
    });
    await runOne(run, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
    const tested = async (seed: string) => {
      const args = ['--shots', 'all', '--readout', 'ridge', '--seed', seed, '--json'];
      return JSON.parse(await outputOf(['eval', run, ...args])).results[0].tested;
    };
    for (const seed of ['0', '7'])
      assert.equal(await tested(seed), `one sixth of each class, drawn with the seed ${seed}`);
  });

  test('--shots all is tested on own test images where the data set has them, else on a drawn part', async () => {
    const { results, ...whole } = JSON.parse(
      await outputOf(['eval', checkpoint, ...asked, '--shots', 'all']),
    );
    assert.deepEqual([results[0].trainExamples, results[0].n, results[0].ways], [40, 8, 4]);
    // No episode was drawn: all four classes are the ways.
    assert.deepEqual([whole.ways, whole.chance, whole.queries, whole.episodes], [4, 0.25, null, null]);
    assert.equal(results[0].tested, 'one sixth of each class, drawn with the seed 0');
    const glyphs = JSON.parse(
      await outputOf([
        'eval',
        checkpoint,
        '--data',
        'glyphs',
        '--shots',
        'all',
        '--readout',
        'nearest-mean',
        '--json',
      ]),
    );
    const { tested, n, trainExamples, examples } = glyphs.results[0];
    assert.equal(glyphs.split, 'target');
    assert.equal(tested, "the data set's own test examples");
    assert.equal(trainExamples + n, examples);
    const held = JSON.parse(
      await outputOf([
        ...['eval', checkpoint, ...asked],
        '--split',
        'sourceTest',
        '--shots',
        '1',
        '--queries',
        '1',
      ]),
    );
    assert.equal(held.results[0].examples, 8);
  });
});
