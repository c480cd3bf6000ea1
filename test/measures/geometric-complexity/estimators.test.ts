import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dispose, fromArray, liveTensorCount, readFloats, type Tensor } from '../../../src/backend/tensor.ts';
import {
  type BatchEstimator,
  exact,
  hutchinsonInputs,
  hutchinsonOutputs,
  masked,
  outputs,
} from '../../../src/measures/geometric-complexity/estimators.ts';
import { forward } from '../../../src/models/forward.ts';
import { type InferenceModel, inferenceModel } from '../../../src/models/inference-model.ts';
import { upTo } from '../../../src/models/network.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { formulaImages, formulaWeights } from '../../models/formula.ts';
import { networkOf } from '../../models/networks.ts';
import { linearModel } from './linear-model.ts';

interface Reference {
  readonly side: number;
  readonly complexity: { readonly perExample: readonly number[] };
}
const references: Readonly<Record<string, Reference>> = JSON.parse(
  readFileSync(new URL('../../models/fixtures/pytorch.json', import.meta.url), 'utf8'),
);
const examples = 6;
const plain = [1, 1, 1];

const modelOf = (name: string, layer: string, side = references[name]!.side) => {
  const network = networkOf(name, side);
  const model = inferenceModel(network, formulaWeights(weightSpecs(network)), 'float32');
  return {
    model: { ...model, network: upTo(model.network, layer) },
    images: formulaImages(examples, [side, side, 3]),
    shape: [examples, side, side, 3],
  };
};

const estimate = (
  estimator: BatchEstimator,
  {
    model,
    image,
    layer = 'embedding',
    factors = plain,
    seed = 0,
  }: {
    model: InferenceModel;
    image: Tensor;
    layer?: string;
    factors?: readonly number[];
    seed?: number;
  },
) =>
  estimator({
    model,
    layer,
    image,
    examples: Array.from({ length: image.shape[0]! }, (_, i) => i),
    seed,
    factors,
  });

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const relative = (actual: number, expected: number): number => Math.abs(actual - expected) / expected;

describe('the exact estimator agrees with torch.func.jacrev in float64 on the same weights', () => {
  for (const name of Object.keys(references))
    it(`${name}: every example's squared Jacobian norm to 1e-4`, () => {
      const { model, images, shape } = modelOf(name, 'embedding');
      const image = fromArray(images, shape);
      const found = estimate(exact, { model, image });
      dispose(image);
      model.dispose();
      for (const [i, expected] of references[name]!.complexity.perExample.entries())
        assert.ok(relative(found[i]!.value, expected) < 1e-4, `${i}: ${found[i]!.value}, not ${expected}`);
    });
});

describe('closed forms', () => {
  it('a linear network has the squared Frobenius norm of its matrix, whatever the example', () => {
    const { model, squaredNorm } = linearModel();
    const image = fromArray(formulaImages(3, [4, 4, 3]), [3, 4, 4, 3]);
    for (const { value } of estimate(exact, { model, image }))
      assert.ok(relative(value, squaredNorm(plain)) < 1e-6);
    dispose(image);
    model.dispose();
  });

  it('pixel units weight the columns of each channel by 1 / std^2', () => {
    const { model, squaredNorm } = linearModel();
    const image = fromArray(formulaImages(1, [4, 4, 3]), [1, 4, 4, 3]);
    const factors = [16, 9, 4];
    const [found] = estimate(exact, { model, image, factors });
    assert.ok(relative(found!.value, squaredNorm(factors)) < 1e-6);
    const probed = Array.from(
      { length: 400 },
      (_, seed) => estimate(hutchinsonInputs(1, 'rademacher'), { model, image, factors, seed })[0]!.value,
    );
    assert.ok(relative(mean(probed), squaredNorm(factors)) < 0.1);
    dispose(image);
    model.dispose();
  });

  for (const [space, factor] of [
    ['normalized', 1],
    ['pixel', 16],
  ] as const)
    it(`grey images, ${space} inputs: every estimator has the same norm`, () => {
      const { model, squaredNorm } = linearModel(1);
      const image = fromArray(formulaImages(1, [4, 4, 1]), [1, 4, 4, 1]);
      const wanted = squaredNorm([factor]);
      const estimators = {
        exact,
        hutchinsonOutputs: hutchinsonOutputs(2000, 'rademacher'),
        hutchinsonInputs: hutchinsonInputs(2000, 'rademacher'),
        outputs: outputs(5),
        masked: masked(1),
      };
      for (const [name, estimator] of Object.entries(estimators)) {
        const [found] = estimate(estimator, { model, image, factors: [factor] });
        const error = 1e-6 * wanted + 4 * Math.sqrt(found!.probeVariance!);
        assert.ok(Math.abs(found!.value - wanted) < error, `${name}: ${found!.value}, not ${wanted}`);
      }
      dispose(image);
      model.dispose();
    });

  it('finite differences of the embedding along the pixels give the same norm', () => {
    const side = 8;
    const { model, images } = modelOf('resnet18', 'layer2', side);
    const size = side * side * 3;
    const base = images.slice(0, size);
    const step = 2 ** -9;
    const moved = new Float32Array(2 * size * size);
    for (let pixel = 0; pixel < size; pixel++)
      for (const [half, sign] of [1, -1].entries()) {
        const row = (2 * pixel + half) * size;
        moved.set(base, row);
        moved[row + pixel]! += sign * step;
      }
    const image = fromArray(moved, [2 * size, side, side, 3]);
    const [output] = forward(model.network, image, model.pass, ['layer2']);
    const values = readFloats(output!);
    const width = values.length / (2 * size);
    let sum = 0;
    for (let pixel = 0; pixel < size; pixel++)
      for (let k = 0; k < width; k++)
        sum += ((values[2 * pixel * width + k]! - values[(2 * pixel + 1) * width + k]!) / (2 * step)) ** 2;
    dispose(image, output);
    const one = fromArray(base, [1, side, side, 3]);
    // Feature maps as outputs: rows are their values, channels last.
    const found = estimate(hutchinsonInputs(400, 'rademacher'), {
      model,
      image: one,
      layer: 'layer2',
    })[0]!;
    dispose(one);
    assert.ok(
      Math.abs(found.value - sum) < 4 * Math.sqrt(found.probeVariance!),
      `${found.value}, not ${sum}`,
    );
    model.dispose();
  });
});

describe('every estimator is unbiased, and its variance is the one it states', () => {
  const estimators: Readonly<Record<string, BatchEstimator>> = {
    'Hutchinson, outputs, Rademacher': hutchinsonOutputs(4, 'rademacher'),
    'Hutchinson, outputs, Gaussian': hutchinsonOutputs(4, 'gaussian'),
    'Hutchinson, outputs, sphere': hutchinsonOutputs(4, 'sphere'),
    'Hutchinson, inputs, Rademacher': hutchinsonInputs(4, 'rademacher'),
    'Hutchinson, inputs, Gaussian': hutchinsonInputs(4, 'gaussian'),
    'sampled outputs': outputs(4),
    'masked entries': masked(0.02),
  };
  for (const [name, estimator] of Object.entries(estimators))
    it(`${name}: over 200 repeats the mean is within 3 standard errors of the exact value`, () => {
      const { model, images } = modelOf('resnet18', 'embedding', 8);
      const image = fromArray(images.slice(0, 192), [1, 8, 8, 3]);
      const [truth] = estimate(exact, { model, image });
      const found = Array.from({ length: 200 }, (_, seed) => estimate(estimator, { model, image, seed })[0]!);
      const centre = mean(found.map(({ value }) => value));
      const spread = mean(found.map(({ value }) => (value - centre) ** 2)) * (200 / 199);
      const stated = mean(found.map(({ probeVariance }) => probeVariance!));
      assert.ok(
        Math.abs(centre - truth!.value) < 3 * Math.sqrt(spread / 200),
        `${centre}, not ${truth!.value}`,
      );
      assert.ok(spread > stated / 2 && spread < stated * 2, `variance ${spread}, stated ${stated}`);
      dispose(image);
      model.dispose();
    });
});

it('leaves no tensor behind', () => {
  const { model, images, shape } = modelOf('vgg13', 'embedding');
  const image = fromArray(images, shape);
  const each = [
    exact,
    hutchinsonOutputs(2, 'gaussian'),
    hutchinsonInputs(2, 'rademacher'),
    outputs(3),
    masked(0.5),
  ];
  for (const estimator of each) estimate(estimator, { model, image });
  const before = liveTensorCount();
  for (const estimator of each) estimate(estimator, { model, image });
  assert.equal(liveTensorCount(), before);
  dispose(image);
  model.dispose();
});

// Fewer values behind the hidden layers average fewer roundings.
const bfloat16Cases = (
  [
    ['resnet18', 0.01],
    ['resnet12', 0.01],
    ['conv4', 0.01],
    ['wrn28-10', 0.01],
    ['vgg13-hidden', 0.02],
  ] as const
).flatMap(([network, tolerance]) =>
  (
    [
      ['exact', exact],
      ['Hutchinson, outputs', hutchinsonOutputs(32, 'rademacher')],
      ['Hutchinson, inputs', hutchinsonInputs(32, 'rademacher')],
    ] as const
  ).map(([name, estimator]) => ({ name: `${network}, ${name}`, of: network, estimator, tolerance })),
);

describe('products in bfloat16 around a float32 point', () => {
  for (const { name, of, estimator, tolerance } of bfloat16Cases)
    it(`${name}: within ${100 * tolerance} % of float32`, () => {
      const { side } = references[of]!;
      const network = networkOf(of, side);
      const weights = formulaWeights(weightSpecs(network));
      const image = fromArray(formulaImages(examples, [side, side, 3]), [examples, side, side, 3]);
      const before = liveTensorCount();
      const [wide, narrow] = (['float32', 'bfloat16'] as const).map((precision) => {
        const model = inferenceModel(network, weights, precision);
        const found = estimate(estimator, {
          model: { ...model, network: upTo(model.network, 'embedding') },
          image,
        });
        model.dispose();
        return mean(found.map(({ value }) => value));
      });
      assert.ok(relative(narrow!, wide!) < tolerance, `${narrow}, not ${wide}`);
      assert.notEqual(narrow, wide);
      assert.equal(liveTensorCount(), before);
      dispose(image);
    });
});
