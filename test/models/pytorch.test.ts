import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import type { Precision } from '../../src/backend/precision.ts';
import { dispose, fromArray, liveTensorCount, readFloats } from '../../src/backend/tensor.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import { inferenceWeights } from '../../src/models/device-weights.ts';
import { foldBatchNorm } from '../../src/models/fold-batch-norm.ts';
import { forward } from '../../src/models/forward.ts';
import { fuseActivations } from '../../src/models/fuse-activations.ts';
import type { Network } from '../../src/models/network.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { createParameters, disposeParameters, downloadWeights } from '../../src/training/parameters.ts';
import { trainStep } from '../../src/training/train-step.ts';
import { formulaImages, formulaLabels, formulaWeights } from './formula.ts';
import { classes, networkOf } from './networks.ts';

interface Summary {
  readonly norm: number;
  readonly first: readonly number[];
}
interface Trained {
  /** Images far from the kinks of ReLU and max-pooling: one within rounding of its own would change gradients by a percent. */
  readonly images: string;
  readonly side: number;
  readonly losses: readonly number[];
  /** Over all weights, of the loss without weight decay. */
  readonly gradientSquaredNorms: readonly number[];
  readonly change: Readonly<Record<string, Summary>>;
  readonly embedding?: readonly number[];
}
interface Reference {
  /** Absent for ResNet-50: with the batch's statistics these weights are ill-conditioned, PyTorch's own float32 5 % off its float64. */
  readonly train?: Trained;
  readonly trainNesterov?: Trained;
  readonly eval: Trained;
}

const references: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL('./fixtures/pytorch.json', import.meta.url), 'utf8'),
);
const examples = 6;

/** Relative to the reference's length: float32 against float64. */
const assertClose = (
  actual: ArrayLike<number>,
  expected: readonly number[],
  tolerance: number,
  what: string,
) => {
  let difference = 0;
  let length = 0;
  for (const [index, value] of expected.entries()) {
    difference += (actual[index]! - value) ** 2;
    length += value ** 2;
  }
  assert.equal(actual.length >= expected.length, true, what);
  assert.ok(
    Math.sqrt(difference) <= tolerance * Math.sqrt(length),
    `${what}: ${Math.sqrt(difference / length)}`,
  );
};

/** On the fused network, as in src/training/loop.ts. */
const train = (
  plain: Network,
  { images, side }: Trained,
  batchStatistics: boolean,
  nesterov: boolean,
  precision: Precision = 'float32',
) => {
  const network = fuseActivations(plain);
  const before = formulaWeights(weightSpecs(network));
  const parameters = createParameters(weightSpecs(network), before);
  const { training } = runConfigSchema.parse({
    training: { momentum: 0.9, l2: 5e-3, nesterov, labelSmoothing: nesterov ? 0.1 : 0 },
  });
  const batch = {
    images: formulaImages(examples, [side, side, 3], images),
    labels: formulaLabels(examples, classes),
  };
  const steps = [0, 1].map((step) =>
    trainStep(network, parameters, batch, {
      training,
      precision,
      learningRate: 0.005,
      batchStatistics,
      trains: () => true,
      seed: 0,
      step,
    }),
  );
  const after = downloadWeights(parameters);
  disposeParameters(parameters);
  return { steps, before, after };
};

for (const [name, reference] of Object.entries(references)) {
  const { side, images } = reference.eval;
  const network = networkOf(name, side);
  describe(`${name} agrees with PyTorch on the same weights and batch`, () => {
    for (const [what, fold] of [
      ['with running statistics', false],
      ['with batch norm folded', true],
    ] as const)
      it(`in its embeddings, ${what}`, () => {
        const state = formulaWeights(weightSpecs(network));
        const { network: used, state: weights } = fold ? foldBatchNorm(network, state) : { network, state };
        const device = inferenceWeights(weightSpecs(used), weights, 'float32');
        const image = fromArray(formulaImages(examples, [side, side, 3], images), [examples, side, side, 3]);
        const [embedding] = forward(used, image, device.pass, ['embedding']);
        assertClose(readFloats(embedding!), reference.eval.embedding!, 1e-5, 'embedding');
        dispose(embedding, image);
        device.dispose();
      });
    for (const [what, key, batchStatistics, nesterov] of [
      ['in training mode', 'train', true, false],
      ['in training mode, Nesterov, smoothed labels', 'trainNesterov', true, true],
      ['in eval mode', 'eval', false, false],
    ] as const) {
      const expected = reference[key];
      if (!expected) continue;
      it(`in the losses and weights of two SGD steps ${what}`, () => {
        const { steps, before, after } = train(network, expected, batchStatistics, nesterov);
        assertClose(
          steps.map(({ loss }) => loss),
          expected.losses,
          1e-4,
          'losses',
        );
        for (const [step, norm] of expected.gradientSquaredNorms.entries()) {
          const found = steps[step]!.gradientSquaredNorm;
          assert.ok(Math.abs(found - norm) <= 5e-4 * norm + 1e-9, `${found} for ${norm}, step ${step}`);
        }
        for (const [weight, { norm, first }] of Object.entries(expected.change)) {
          const old = before.get(weight)!.values;
          const change = after.get(weight)!.values.map((value, index) => value - old[index]!);
          // Or the two steps' roundings of the weight to float32: a bias before batch norm has no gradient but rounding's.
          const tolerance = Math.max(1e-4 * norm, 2 ** -23 * Math.hypot(...old));
          assert.ok(
            Math.abs(Math.hypot(...change) - norm) <= tolerance,
            `${weight}: ${Math.hypot(...change)} for ${norm}`,
          );
          for (const [index, value] of first.entries())
            assert.ok(
              Math.abs(change[index]! - value) <= tolerance,
              `${weight}[${index}]: ${change[index]} for ${value}`,
            );
        }
      });
    }
    if (reference.train)
      it('in the losses of two SGD steps in bfloat16, within 5 %', () => {
        const lossesIn = (precision: 'float32' | 'bfloat16') =>
          train(network, reference.train!, true, false, precision).steps.map(({ loss }) => loss);
        const losses = lossesIn('bfloat16');
        assertClose(losses, reference.train!.losses, 0.05, 'losses');
        assert.notDeepEqual(losses, lossesIn('float32'));
      });
    it('and leaves no tensor behind', () => {
      const before = liveTensorCount();
      train(network, reference.eval, true, false);
      assert.equal(liveTensorCount(), before);
    });
  });
}
