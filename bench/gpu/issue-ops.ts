/**
 * Every op with every type that gcnc issues on the path that a GPU takes: runs of each kind of network in both precisions, with every
 * estimator and option that has ops of its own, watched on the CPU with TensorFlow's kernels.
 *
 *     GCNC_KERNELS=tensorflow node --import tsx bench/gpu/issue-ops.ts > bench/gpu/issued-ops.json
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dropoutMask } from '../../src/backend/kernels/dropout.ts';
import { maskByPositive, relu } from '../../src/backend/kernels/pointwise.ts';
import { cast, fromArray, scope } from '../../src/backend/tensor.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { openCheckpoint, openCheckpointSet } from '../../src/on-request/checkpoint-set.ts';
import { measureOnRequest } from '../../src/on-request/measure-on-request.ts';
import { runOne } from '../../src/pipeline/run-one.ts';
import { startCounter } from './counter.ts';

/** A network of each kind; the large stem has max-pooling of its own. Dropout and LeakyReLU are called by themselves too. */
const models = [
  { imageSize: 16, model: { name: 'resnet10', width: 4 } },
  { imageSize: 16, model: { name: 'resnet50', width: 4 } },
  { imageSize: 32, model: { name: 'resnet10', width: 4, stem: 'imagenet' } },
  { imageSize: 32, model: { name: 'vgg11', width: 4 } },
  { imageSize: 32, model: { name: 'vgg11', width: 4, batchNorm: false } },
  { imageSize: 32, model: { name: 'resnet12', width: 4, dropBlock: { size: 2, rate: 0.1, rampSteps: 1 } } },
  { imageSize: 32, model: { name: 'conv4', width: 4 } },
  { imageSize: 32, model: { name: 'wrn28-10', width: 4 } },
];

const counter = startCounter();
const root = mkdtempSync(join(tmpdir(), 'gcnc-issue-ops-'));
let made = 0;
const inFolder = async ({
  imageSize,
  ...keys
}: {
  readonly imageSize: number;
  readonly model: object;
  readonly training: object;
}): Promise<string> => {
  const folder = mkdtempSync(join(root, `${made++}-`));
  const config = runConfigSchema.parse({
    data: { imageSize, perClass: 1 },
    measure: { examples: 24, sharpness: { examples: 24 } },
    fewshot: { episodes: 5 },
    ...keys,
    training: { epochs: 1, batchSize: 24, l2: 1e-3, ...keys.training },
  });
  await runOne(folder, config, { stopRequested: () => false, onProgress: () => {}, environment: {} });
  return folder;
};

scope(() => dropoutMask([2, 8], 0.5, [0, 1]));
for (const precision of ['float32', 'bfloat16'] as const)
  scope(() => {
    const x = cast(fromArray(Float32Array.of(1, -1), [2, 1, 1, 1]), precision);
    return maskByPositive(x, relu(x, 0.1), 0.1);
  });
try {
  for (const { imageSize, model } of models)
    for (const precision of ['float32', 'bfloat16'] as const) {
      const folder = await inFolder({ imageSize, model, training: { precision } });
      await inFolder({
        imageSize,
        model,
        training: { precision, gcPenalty: 1e-4, weightDecay: 1e-3, nesterov: true },
      });
      const checkpoint = openCheckpoint(folder);
      const asked = await openCheckpointSet(checkpoint, { split: 'sourceTest' }, {}, 'sourceTest');
      for (const estimator of ['exact', 'hutchinson', 'outputs', 'masked'] as const)
        for (const probeSpace of ['output', 'input'] as const)
          await measureOnRequest(checkpoint, asked, {
            ...{ estimator, probeSpace, precision, examples: 24, share: 0.1, seed: 0 },
            ...{ distribution: 'rademacher', inputSpace: 'pixel', layer: 'embedding' },
          });
    }
} finally {
  rmSync(root, { recursive: true });
}
process.stdout.write(`${JSON.stringify(counter.issued(), null, 1)}\n`);
