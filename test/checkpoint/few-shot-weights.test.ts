import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { dispose, fromArray, readFloats } from '../../src/backend/tensor.ts';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { encodeSafetensors, float32Tensor, int64Scalar } from '../../src/formats/safetensors.ts';
import { forward } from '../../src/models/forward.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { makeNetwork, notTaken } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaImages, formulaWeights } from '../models/formula.ts';
import { networkOf } from '../models/networks.ts';

/** xternalz/WideResNet-pytorch's names of WRN-28-10. */
const normNames = (norm: string): readonly string[] =>
  ['weight', 'bias', 'running_mean', 'running_var'].map((part) => `${norm}.${part}`);
const wideNames = [
  'conv1.weight',
  ...[1, 2, 3].flatMap((group) =>
    [0, 1, 2, 3].flatMap((index) => {
      const block = `block${group}.layer.${index}`;
      return [
        ...normNames(`${block}.bn1`),
        `${block}.conv1.weight`,
        ...normNames(`${block}.bn2`),
        `${block}.conv2.weight`,
        ...(index === 0 ? [`${block}.convShortcut.weight`] : []),
      ];
    }),
  ),
  ...normNames('bn1'),
];
/** WangYueFt/rfs's names of the convolutions and of the batch norms after them. */
const stages = [1, 2, 3, 4];
const publicNames: Readonly<Record<string, readonly string[]>> = {
  'wrn28-10': wideNames,
  conv4: stages.flatMap((stage) => [
    ...['weight', 'bias'].map((part) => `layer${stage}.0.${part}`),
    ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => `layer${stage}.1.${part}`),
  ]),
  resnet12: stages.flatMap((stage) =>
    [
      ['conv1', 'bn1'],
      ['conv2', 'bn2'],
      ['conv3', 'bn3'],
      ['downsample.0', 'downsample.1'],
    ].flatMap(([convolution, norm]) => [
      `layer${stage}.0.${convolution}.weight`,
      ...['weight', 'bias', 'running_mean', 'running_var'].map((part) => `layer${stage}.0.${norm}.${part}`),
    ]),
  ),
};
const references: Readonly<
  Record<string, { readonly eval: { side: number; images: string; embedding: number[] } }>
> = JSON.parse(readFileSync(new URL('../models/fixtures/pytorch.json', import.meta.url), 'utf8'));
const root = mkdtempSync(join(tmpdir(), 'gcnc-few-shot-weights-'));
after(() => rmSync(root, { recursive: true }));

for (const [model, whose, width, classifier] of [
  ['conv4', 'WangYueFt/rfs', 8, 'classifier'],
  ['resnet12', 'WangYueFt/rfs', 8, 'classifier'],
  ['wrn28-10', 'xternalz/WideResNet-pytorch', 4, 'fc'],
] as const)
  describe(`${model} under the names of ${whose}`, () => {
    const { side, images, embedding } = references[model]!.eval;
    const shapes = new Map(weightSpecs(networkOf(model, side)).map(({ name, shape }) => [name, shape]));
    const names = [...publicNames[model]!, `${classifier}.weight`, `${classifier}.bias`];
    /** The names above with the formula's values, and PyTorch's counters, as a file. */
    const file = (kept: readonly string[], to: string): string => {
      const specs = kept.map((name) => ({ name, shape: shapes.get(name)!, role: 'filter' as const }));
      const values = [...formulaWeights(specs)].map(
        ([name, { shape, values }]) => [name, float32Tensor(shape, values)] as const,
      );
      const counters = kept
        .filter((name) => name.endsWith('.running_mean'))
        .map((name) => [name.replace('running_mean', 'num_batches_tracked'), int64Scalar(9)] as const);
      const path = join(root, `${to}.safetensors`);
      writeFileSync(path, encodeSafetensors(new Map([...values, ...counters])));
      return path;
    };

    it("is imported, and has PyTorch's embeddings in float64 to 1e-5", async () => {
      const folder = join(root, model);
      const imported = await importWeights(file(names, model), folder, { model, given: {}, imageSize: side });
      assert.equal(imported.model.width, width);
      assert.equal(imported.classes, 7);
      const { network, weights } = readCheckpoint(folder);
      const inference = inferenceModel(network, weights, 'float32');
      const image = fromArray(formulaImages(6, [side, side, 3], images), [6, side, side, 3]);
      const [output] = forward(inference.network, image, inference.pass, ['embedding']);
      const found = readFloats(output!);
      const length = Math.hypot(...embedding);
      const apart = Math.hypot(...embedding.map((value, index) => value - found[index]!));
      assert.equal(found.length, embedding.length);
      assert.ok(apart <= 1e-5 * length, `${apart / length}`);
      dispose(output, image);
      inference.dispose();
    });

    it('is imported without its classifier', async () => {
      const path = file(publicNames[model]!, `${model}-headless`);
      const { classes } = await importWeights(path, join(root, `${model}-headless`), { model, given: {} });
      assert.equal(classes, null);
    });

    it('is refused where a tensor is missing, by its name', async () => {
      const path = file(
        names.filter((_, index) => index !== 1),
        `${model}-short`,
      );
      await assert.rejects(importWeights(path, join(root, 'short'), { model, given: {} }), {
        message: new RegExp(names[1]!),
      });
    });
  });

describe('what ResNet-12 cannot be is refused', () => {
  const parsed = (model: object) => runConfigSchema.parse({ model: { name: 'resnet12', ...model } }).model;
  const made = (model: object) => makeNetwork(parsed(model), [32, 32, 3], 7);

  it('an odd width, whose 2.5 times is no whole number', () => {
    assert.throws(() => made({ width: 7 }), /model.width 7: .*give an even width/);
  });
  it('another stem', () => {
    const { message } = notTaken(parsed({ stem: 'imagenet' }))!;
    assert.match(message, /model.stem is imagenet, and resnet12 takes only cifar; others are for resnet10, /);
  });
  it('without batch norm', () => {
    const { message } = notTaken(parsed({ batchNorm: false }))!;
    assert.match(message, /model.batchNorm is false, and resnet12 takes only true/);
  });
});
