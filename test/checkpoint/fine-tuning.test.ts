import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { openCheckpoint } from '../../src/on-request/checkpoint-set.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { outputOf } from '../cli/in-process.ts';
import { uniform } from '../models/formula.ts';

const [examples, side, classes] = [24, 16, 5];
const root = mkdtempSync(join(tmpdir(), 'gcnc-fine-tuning-'));
after(() => rmSync(root, { recursive: true }));

describe('training from an imported checkpoint (model.weights)', () => {
  const imported = join(root, 'imported');
  const images = join(root, 'images.npz');
  const weightsFile = fileURLToPath(new URL('./fixtures/resnet18.safetensors', import.meta.url));
  before(async () => {
    await importWeights(weightsFile, imported, { model: 'resnet18', given: {}, imageSize: side });
    const save = (path: string, ofClasses: number) =>
      writeNpz(path, {
        images: {
          shape: [examples, side, side, 3],
          values: Uint8Array.from(uniform('bytes', examples * side * side * 3), (value) => (value + 1) * 127),
        },
        labels: {
          shape: [examples],
          values: Int32Array.from({ length: examples }, (_, example) => example % ofClasses),
        },
      });
    save(images, classes);
    save(join(root, 'three.npz'), 3);
  });

  let made = 0;
  const run = async (model: object = {}, epochs = 1, data = images) =>
    (await runAt(model, epochs, data)).weights;
  const runAt = async (model: object = {}, epochs = 1, data = images) => {
    const folder = join(root, `run-${made++}`);
    mkdirSync(folder);
    const config = runConfigSchema.parse({
      data: { name: data, split: 'none', augmentation: 'none' },
      model: { name: 'resnet18', width: 4, weights: imported, normalization: 'data', ...model },
      training: { epochs, batchSize: 8, learningRate: 1e-4 },
      measure: { examples: 4 },
    });
    await runOne(folder, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
    return { ...openCheckpoint(folder), run: folder };
  };
  const given = () => readCheckpoint(imported).weights;
  const body = (weights: ReturnType<typeof given>) =>
    [...weights].filter(([name]) => !name.startsWith('fc.'));

  it('begins with the imported weights, its classifier included where the classes are the same', async () => {
    assert.deepEqual(await run({}, 0), given());
  });

  it('begins with the imported body and a new classifier where the classes differ', async () => {
    const started = await run({}, 0, join(root, 'three.npz'));
    assert.deepEqual(body(started), body(given()));
    assert.deepEqual(started.get('fc.weight')?.shape, [3, 32]);
  });

  it('frozen, trains the classifier and leaves every other weight and statistic as it was', async () => {
    const trained = await run({ freeze: true });
    assert.deepEqual(body(trained), body(given()));
    assert.notDeepEqual(trained.get('fc.bias'), given().get('fc.bias'));
  });

  it('not frozen, trains them all', async () => {
    const trained = await run();
    assert.notDeepEqual(trained.get('conv1.weight'), given().get('conv1.weight'));
    assert.notDeepEqual(trained.get('bn1.running_mean'), given().get('bn1.running_mean'));
  });

  it("measures the checkpoint's own function with model.normalization=weights, and refuses to measure another one unasked", async () => {
    const { state, run } = await runAt({ normalization: 'weights' }, 0);
    assert.deepEqual(state.normalization, readCheckpoint(imported).state.normalization);
    const asked = [
      'measure',
      imported,
      '--data',
      images,
      '--split',
      'sourceTrain',
      '--examples',
      '4',
      '--probes',
      '1',
      '--json',
    ];
    const its = JSON.parse(await outputOf(asked));
    const [line] = readFileSync(join(run, 'metrics.jsonl'), 'utf8').split('\n');
    const [own] = JSON.parse(line!).measures;
    assert.equal(own.neuralCollapse.cdnv, its.neuralCollapse.cdnv);
    assert.equal(own.geometricComplexity.value, its.geometricComplexity.value);
    const unscaled = join(root, 'unscaled');
    await importWeights(weightsFile, unscaled, {
      model: 'resnet18',
      given: {},
      imageSize: side,
      normalization: { name: 'none', mean: [0, 0, 0], std: [1, 1, 1] },
    });
    for (const model of [{}, { freeze: true }])
      await assert.rejects(
        runAt({ weights: unscaled, normalization: undefined, ...model }, 0),
        /^InputError: model\.weights: .* the network would not be the checkpoint's/,
      );
  });

  it('refuses a shallower network of the same family, whose tensors are all there', () =>
    assert.rejects(run({ name: 'resnet10' }, 0), {
      name: 'InputError',
      message: `model.weights: ${imported} is a resnet18 of width 4 with cifar stem, and the run's model.name is resnet10; they must be the same`,
    }));

  it('refuses another architecture in one line', async () => {
    await assert.rejects(
      run({ width: 8 }),
      (error: Error) =>
        error instanceof InputError &&
        /model.weights: .*imported is a resnet18 of width 4 with cifar stem, which has no conv1.weight of \[8,3,3,3\]/.test(
          error.message,
        ) &&
        !error.message.includes('\n'),
    );
  });
});
