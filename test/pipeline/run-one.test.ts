import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { liveTensorCount } from '../../src/backend/tensor.ts';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { type RunConfig, runConfigSchema } from '../../src/config/schema.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { readRunLog } from '../../src/runs/run-log.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-run-one-'));
after(() => rmSync(root, { recursive: true }));

type Keys = { readonly [Key in keyof RunConfig]?: object };

/** 24 source classes of 6 glyphs: 9 steps an epoch. */
const small = (keys: Keys = {}): RunConfig =>
  runConfigSchema.parse({
    seed: 3,
    data: { imageSize: 16, perClass: 6, ...keys.data },
    model: { name: 'resnet10', width: 4, ...keys.model },
    training: {
      epochs: 4,
      batchSize: 16,
      learningRate: 0.02,
      l2: 1e-3,
      checkpointEvery: { epochs: 2 },
      ...keys.training,
    },
    measure: { examples: 24, ...keys.measure },
    fewshot: { episodes: 10, ...keys.fewshot },
  });

let made = 0;
const newFolder = (): string => {
  const folder = join(root, String(made++));
  mkdirSync(folder);
  return folder;
};

/** Runs until `stopAfter` steps where it is given. */
const go = (
  folder: string,
  config: RunConfig,
  stopAfter = Number.POSITIVE_INFINITY,
): Promise<'done' | 'stopped'> => {
  let asked = 0;
  return runOne(folder, config, {
    stopRequested: () => ++asked >= stopAfter,
    onProgress: () => {},
    environment: {},
  });
};

/** Every file that a run's results are read from, by its hash; times are elsewhere. */
const results = (folder: string): Record<string, string> => {
  const files: Record<string, string> = {};
  const walk = (at: string): void => {
    for (const name of readdirSync(join(folder, at))) {
      const path = join(at, name);
      if (statSync(join(folder, path)).isDirectory()) walk(path);
      else if (path !== 'log.jsonl' && path !== 'env.json')
        files[path] = createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex');
    }
  };
  walk('');
  return files;
};

const lines = (folder: string) =>
  readFileSync(join(folder, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

type Numbers = Readonly<Record<'value' | 'loss' | 'slope' | 'standardError' | 'ci95', unknown>>;

const undisturbed = newFolder();

describe('a run', () => {
  it('trains, checkpoints and measures every split, and ends with a final checkpoint', async () => {
    assert.equal(await go(undisturbed, small()), 'done');
    const records = lines(undisturbed);
    assert.deepEqual(
      records.map(({ kind, epoch, step }) => [kind, epoch, step]),
      [
        ['epoch', 1, 9],
        ['epoch', 2, 18],
        ['checkpoint', 2, 18],
        ['epoch', 3, 27],
        ['epoch', 4, 36],
        ['checkpoint', 4, 36],
      ],
    );
    const last = records.at(-1);
    assert.equal(last.final, true);
    assert.deepEqual(
      last.measures.map(({ split }: { split: string }) => split),
      ['sourceTrain', 'sourceTest', 'target'],
    );
    assert.deepEqual(
      last.fewshot.results.map(({ readout }: { readout: string }) => readout),
      ['logistic', 'nearest-mean'],
    );
    assert.ok(last.measures[0].geometricComplexity.value > 0);
    assert.ok(last.measures[1].nearestMean.error > 0);
  });

  it('records the squared gradient norm of every epoch, and their mean over all steps at checkpoints', () => {
    const records = lines(undisturbed);
    const norms = records.flatMap(({ kind, gradientSquaredNorm }) =>
      kind === 'epoch' ? [gradientSquaredNorm] : [],
    );
    assert.ok(norms.every((norm) => norm > 0));
    // All epochs have as many steps.
    for (const { kind, epoch, pathFlatness } of records)
      if (kind === 'checkpoint') {
        const mean = norms.slice(0, epoch).reduce((sum, norm) => sum + norm, 0) / epoch;
        assert.ok(Math.abs(pathFlatness - mean) < 1e-12 * mean, `${pathFlatness}, not ${mean}`);
      }
  });

  it('counts neither L2 nor the penalty in the gradient of its first step', async () => {
    const normOf = async (training: object): Promise<number> => {
      const folder = newFolder();
      await go(folder, small({ training: { ...training, epochs: 1, batchSize: 144 } }));
      return lines(folder)[0].gradientSquaredNorm;
    };
    const plain = await normOf({ l2: 0 });
    assert.ok(plain > 0);
    assert.deepEqual([await normOf({ l2: 0.1 }), await normOf({ gcPenalty: 0.1 })], [plain, plain]);
  });

  it('is the same to the last bit when it runs again', async () => {
    const again = newFolder();
    await go(again, small());
    assert.deepEqual(results(again), results(undisturbed));
  });

  for (const steps of [1, 13, 18, 35])
    it(`stopped after step ${steps} and continued equals the undisturbed run, and keeps no checkpoint of the stop`, async () => {
      const folder = newFolder();
      assert.equal(await go(folder, small(), steps), 'stopped');
      assert.equal(await go(folder, small()), 'done');
      assert.deepEqual(results(folder), results(undisturbed));
    });

  for (const [what, model] of [
    ['dropout', { name: 'vgg11', width: 4, hidden: [8, 8] }],
    ['DropBlock', { name: 'resnet12', width: 2, dropBlock: { size: 2 } }],
  ] as const)
    it(`stopped and continued equals the undisturbed run with ${what}: masks are functions of seed, step and layer`, async () => {
      const config = small({ model, data: { imageSize: 32 }, training: { epochs: 2 } });
      const [whole, parts] = [newFolder(), newFolder()];
      await go(whole, config);
      assert.equal(await go(parts, config, 5), 'stopped');
      assert.equal(await go(parts, config), 'done');
      assert.deepEqual(results(parts), results(whole));
    });

  it('with every augmentation, stopped within an epoch and continued, equals the undisturbed run', async () => {
    const keys = {
      data: {
        augmentation: 'flip',
        resizedCrop: {},
        rotation: 10,
        jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
        cutout: 4,
      },
      training: { epochs: 2 },
      fewshot: { augmentedSupports: 2 },
    };
    const [whole, inParts] = [newFolder(), newFolder()];
    await go(whole, small(keys));
    assert.equal(await go(inParts, small(keys), 5), 'stopped');
    assert.equal(await go(inParts, small(keys)), 'done');
    assert.deepEqual(results(inParts), results(whole));
    const plain = newFolder();
    await go(plain, small({ training: { epochs: 2 } }));
    assert.notEqual(lines(whole)[0].trainLoss, lines(plain)[0].trainLoss);
  });

  it('killed between a checkpoint and its record measures it again, and drops half-written lines', async () => {
    const folder = newFolder();
    cpSync(undisturbed, folder, { recursive: true });
    rmSync(join(folder, 'checkpoints', '36'), { recursive: true });
    const whole = readFileSync(join(folder, 'metrics.jsonl'), 'utf8');
    const { bytes } = readCheckpoint(join(folder, 'checkpoints', '18')).state.metrics;
    writeFileSync(join(folder, 'metrics.jsonl'), whole.slice(0, bytes + 200));
    assert.equal(await go(folder, small()), 'done');
    assert.deepEqual(results(folder), results(undisturbed));
  });

  it('killed between a checkpoint and the end of the stop before it keeps no checkpoint of the stop', async () => {
    const folder = newFolder();
    const stop = join(folder, 'checkpoints', '13');
    const kept = newFolder();
    await go(folder, small(), 13);
    cpSync(stop, kept, { recursive: true });
    await go(folder, small(), 10);
    cpSync(kept, stop, { recursive: true });
    assert.equal(await go(folder, small()), 'done');
    assert.deepEqual(results(folder), results(undisturbed));
  });

  it('goes on in the type that auto came to at first, whatever this machine would take', async () => {
    const folder = newFolder();
    const config = small({ training: { precision: 'auto' } });
    assert.equal(await go(folder, config, 5), 'stopped');
    const path = join(folder, 'env.json');
    const record = JSON.parse(readFileSync(path, 'utf8'));
    const other = record.trainingPrecision === 'float32' ? 'bfloat16' : 'float32';
    writeFileSync(join(folder, 'env.1.json'), JSON.stringify({ ...record, trainingPrecision: other }));
    assert.equal(await go(folder, config), 'done');
    assert.equal(JSON.parse(readFileSync(path, 'utf8')).trainingPrecision, other);
  });

  it('tells the rate of an epoch of one step', async () => {
    const folder = newFolder();
    await go(folder, small({ training: { epochs: 2, batchSize: 4096 } }));
    const rates = readRunLog(join(folder, 'log.jsonl')).flatMap(
      ({ imagesPerSecond }) => imagesPerSecond ?? [],
    );
    assert.equal(rates.length, 2);
  });

  it('passes over a damaged checkpoint for the one before, and says so', async (t) => {
    const { mock } = t.mock.method(diagnostics, 'warn', () => {});
    const folder = newFolder();
    cpSync(undisturbed, folder, { recursive: true });
    const path = join(folder, 'checkpoints', '36', 'weights.safetensors');
    const bytes = readFileSync(path);
    bytes[bytes.length - 100]! ^= 1;
    writeFileSync(path, bytes);
    assert.equal(await go(folder, small()), 'done');
    assert.deepEqual(results(folder), results(undisturbed));
    const [said, ...more] = mock.calls.map((call) => String(call.arguments[0]));
    assert.match(said!, /checkpoints\/36.*; passed over, and its steps are trained again$/);
    assert.deepEqual(more, []);
  });

  it('measures a final checkpoint without its momenta, and passes over another that lacks them', async (t) => {
    const { mock } = t.mock.method(diagnostics, 'warn', () => {});
    const folder = newFolder();
    cpSync(undisturbed, folder, { recursive: true });
    const momentaOf = (step: string) => join(folder, 'checkpoints', step, 'optimizer.safetensors');
    const final = readFileSync(momentaOf('36'));
    rmSync(momentaOf('36'));
    assert.equal(await go(folder, small()), 'done');
    assert.equal(mock.callCount(), 0);
    writeFileSync(momentaOf('36'), final);
    assert.deepEqual(results(folder), results(undisturbed));
    const before = readdirSync(join(folder, 'checkpoints'))
      .sort((a, b) => Number(a) - Number(b))
      .at(-2)!;
    rmSync(join(folder, 'checkpoints', '36'), { recursive: true });
    rmSync(momentaOf(before));
    assert.equal(await go(folder, small()), 'done');
    assert.match(String(mock.calls[0]!.arguments[0]), new RegExp(`checkpoints/${before}.*; passed over`));
    assert.deepEqual(results(folder), results(undisturbed));
  });

  it('begins anew where metrics.jsonl is not what its checkpoints say, and says so of each', async (t) => {
    const { mock } = t.mock.method(diagnostics, 'warn', () => {});
    const folder = newFolder();
    cpSync(undisturbed, folder, { recursive: true });
    writeFileSync(
      join(folder, 'metrics.jsonl'),
      readFileSync(join(folder, 'metrics.jsonl'), 'utf8').replace('1', '2'),
    );
    assert.equal(await go(folder, small()), 'done');
    assert.deepEqual(results(folder), results(undisturbed));
    const said = mock.calls.map((call) => String(call.arguments[0]));
    assert.equal(said.length, readdirSync(join(undisturbed, 'checkpoints')).length);
    for (const each of said) assert.match(each, /metrics\.jsonl is no longer what it was .*; passed over/);
  });

  it('measures sharpness at each checkpoint where it is asked for, and changes nothing else', async () => {
    const folder = newFolder();
    await go(folder, small({ measure: { sharpness: { examples: 48, adaptiveRho: 0.1 } } }));
    const bare = lines(folder).map(({ sharpness: _, ...record }) => record);
    assert.deepEqual(bare, lines(undisturbed));
    const { sharpness } = lines(folder).at(-1);
    for (const { value, loss, slope } of sharpness) assert.ok(value > 0 && loss > 0 && slope > 0);
    const shared = { examples: 48, ofExamples: 144, seed: 0, precision: 'float32' };
    assert.deepEqual(
      sharpness.map(
        ({ value: _, loss: __, slope: ___, standardError: ____, ci95: _____, ...named }: Numbers) => named,
      ),
      [
        { kind: 'adaptive', rho: 0.1, ...shared },
        { kind: 'plain', rho: 0.05, ...shared },
      ],
    );
  });

  it('stops at the loss that it is to reach', async () => {
    const folder = newFolder();
    await go(folder, small({ training: { stopAtLoss: 100 } }));
    assert.equal(lines(folder).at(-1).epoch, 1);
  });

  it('of no epochs measures the untrained network', async () => {
    const folder = newFolder();
    await go(folder, small({ training: { epochs: 0 } }));
    const [record] = lines(folder);
    assert.deepEqual([record.step, record.final, record.measures.length], [0, true, 3]);
    assert.equal(record.pathFlatness, null);
  });

  it('leaves no tensor behind', async () => {
    const before = liveTensorCount();
    await go(newFolder(), small());
    assert.equal(liveTensorCount(), before);
  });
});

describe('fine-tuning', () => {
  const weights = join(undisturbed, 'checkpoints', '36');

  it('starts from the weights of a checkpoint; frozen, only the classifier moves', async () => {
    const folder = newFolder();
    await go(folder, small({ model: { weights, freeze: true }, training: { epochs: 1 } }));
    const before = readCheckpoint(weights).weights;
    for (const [name, { values }] of readCheckpoint(join(folder, 'checkpoints', '9')).weights) {
      const isSame = values.every((value, i) => value === before.get(name)!.values[i]);
      assert.equal(isSame, !name.startsWith('fc.'), name);
    }
  });

  it('drops the classifier where the classes differ', async () => {
    const folder = newFolder();
    await go(
      folder,
      small({
        model: { weights },
        data: { split: 'none', perClass: 2 },
        training: { epochs: 0 },
      }),
    );
    const { weights: found, state } = readCheckpoint(join(folder, 'checkpoints', '0'));
    assert.deepEqual(found.get('fc.weight')!.shape, [state.classNames.length, 32]);
    assert.deepEqual(found.get('conv1.weight'), readCheckpoint(weights).weights.get('conv1.weight'));
  });

  it('refuses a checkpoint of another architecture', async () => {
    const other = small({ model: { weights, width: 8 } });
    await assert.rejects(
      go(newFolder(), other),
      /model\.weights: .* is a resnet10 of width 4 .* must be the same/,
    );
  });
});
