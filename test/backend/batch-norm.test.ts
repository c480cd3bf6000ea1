import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type {
  BatchNorm,
  BatchNormGradient,
  BatchNormWeights,
} from '../../src/backend/kernels/batch-norm-contract.ts';
import { ownBatchNorm, ownBatchNormGradient } from '../../src/backend/kernels/batch-norm-own.ts';
import {
  tensorFlowBatchNorm,
  tensorFlowBatchNormGradient,
} from '../../src/backend/kernels/batch-norm-tensorflow.ts';
import { hasOwnKernels } from '../../src/backend/load.ts';
import { dispose, fromArray, liveTensorCount, readFloats, type Tensor } from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';
import { floats, made, type Precision, tensorOf } from './made.ts';
import { type PlainWeights, plainBatchNorm, plainBatchNormGradient } from './plain-batch-norm.ts';
import { relativeError } from './plain-convolution.ts';

interface Kernels {
  readonly forward: BatchNorm;
  readonly gradient: BatchNormGradient;
}
const kernels: Readonly<Record<string, Kernels & { readonly skip: boolean }>> = {
  "gcnc's own": { forward: ownBatchNorm, gradient: ownBatchNormGradient, skip: !hasOwnKernels() },
  "TensorFlow's": { forward: tensorFlowBatchNorm, gradient: tensorFlowBatchNormGradient, skip: false },
};

const plainWeights = (channels: number): PlainWeights => ({
  scale: uniform('scale', channels).map((value) => 1 + value / 2),
  offset: uniform('offset', channels),
  mean: uniform('mean', channels),
  variance: uniform('variance', channels).map((value) => 1 + value / 2),
});

const uploaded = ({ scale, offset, mean, variance }: PlainWeights): BatchNormWeights => {
  const vector = (values: Float32Array): Tensor => fromArray(values, [values.length]);
  return { scale: vector(scale), offset: vector(offset), mean: vector(mean), variance: vector(variance) };
};

interface Case {
  readonly rows: number;
  readonly channels: number;
  readonly precision: Precision;
  readonly training: boolean;
  readonly shortcut: boolean;
  readonly relu: boolean;
  readonly slope?: number;
}

/** Feature maps are rounded to their type, up to three times by TensorFlow's ops; sums over rows are in float32 or better. */
const toleranceOf = (what: string, precision: Precision): number => {
  if (precision === 'float32') return 5e-6;
  return ['y', 'x', 'shortcut'].includes(what) ? 4e-3 : 1e-5;
};

const assertClose = (
  found: Readonly<Record<string, Tensor>>,
  expected: Readonly<Record<string, Float64Array>>,
  { precision, ...rest }: Case,
): void => {
  for (const [what, tensor] of Object.entries(found)) {
    const error = relativeError(readFloats(tensor), expected[what]!);
    assert.ok(error <= toleranceOf(what, precision), `${what}: ${error} (${JSON.stringify(rest)})`);
  }
};

const check = ({ forward, gradient }: Kernels, given: Case): void => {
  const { rows, channels, precision, training, relu, slope = 0 } = given;
  const before = liveTensorCount();
  const shape = [1, rows, 1, channels];
  const weightValues = plainWeights(channels);
  const weights = uploaded(weightValues);
  const x = made('x', shape, precision);
  const g = made('g', shape, precision);
  const shortcut = given.shortcut ? made('shortcut', shape, precision) : null;

  const { y, saved, statistics } = forward(x, weights, { training, shortcut, relu, slope });
  const options = { training, shortcut: shortcut && floats(shortcut), relu, slope };
  const expected = plainBatchNorm(floats(x), weightValues, options);
  assert.equal(statistics !== null, training);
  assertClose({ y, ...statistics }, expected, given);

  // The mask is of the y that the gradient is given, which rounding may have moved across 0.
  const mask = relu ? floats(y) : null;
  const trace = { x, y: relu ? y : null, saved };
  const found = gradient(g, trace, weights, { training, shortcut: given.shortcut, relu, slope });
  const expectedGradients = plainBatchNormGradient(floats(g), floats(x), mask, weightValues, training, slope);
  assert.equal(found.shortcut !== null, given.shortcut);
  const { shortcut: toShortcut, ...others } = found;
  assertClose(toShortcut ? { ...others, shortcut: toShortcut } : others, expectedGradients, given);
  for (const made of [y, found.x, toShortcut ?? y]) {
    assert.equal(made.dtype, precision);
    assert.deepEqual(made.shape, shape);
  }

  dispose(x, g, shortcut, y, ...saved, statistics?.mean, statistics?.variance);
  dispose(...Object.values(weights), ...Object.values(found));
  assert.equal(liveTensorCount(), before);
};

const endings = [
  { shortcut: false, relu: false },
  { shortcut: false, relu: true },
  { shortcut: true, relu: false },
  { shortcut: true, relu: true },
  { shortcut: true, relu: true, slope: 0.125 },
  { shortcut: false, relu: true, slope: 0.25 },
];

for (const [whose, { skip, ...each }] of Object.entries(kernels))
  describe(`batch norm by ${whose} kernels against two passes in float64`, { skip }, () => {
    for (const precision of ['float32', 'bfloat16'] as const)
      for (const training of [true, false])
        for (const ending of endings) {
          const { shortcut, relu, slope = 0 } = ending;
          const what = `${shortcut ? ', with a shortcut' : ''}${relu ? `, with ReLU of slope ${slope}` : ''}`;
          it(`${precision}, ${training ? 'training' : 'inference'}${what}: few rows and many, whole vectors of channels and not`, () => {
            // Sums run in parts from 16 rows on, of more than 16 from 64 times as many.
            for (const channels of [3, 16, 20, 37, 64])
              for (const rows of [3, 100, 64 * 16 + 7, 2500])
                check(each, { rows, channels, precision, training, ...ending });
          });
        }
  });

describe('outputs of 16 MiB, which own kernels write past the caches', { skip: !hasOwnKernels() }, () => {
  for (const precision of ['float32', 'bfloat16'] as const)
    for (const channels of [64, 37])
      it(`${precision}, ${channels} channels`, () => {
        const rows = Math.ceil(2 ** 24 / (precision === 'float32' ? 4 : 2) / channels);
        check(kernels["gcnc's own"]!, {
          rows,
          channels,
          precision,
          training: true,
          shortcut: true,
          relu: true,
        });
      });
});

describe('a batch whose mean is a hundred times its deviation', () => {
  for (const [whose, { forward, gradient, skip }] of Object.entries(kernels))
    for (const rows of [32, 4096])
      it(`has its y, variance and gradients by ${whose} kernels, ${rows} rows`, { skip }, () => {
        // Float32 has 24 bits, of which 7 go to the mean; TensorFlow also sums all rows in float32.
        const tolerance = whose === "TensorFlow's" ? 5e-4 : 1e-5;
        const channels = 20;
        const shape = [rows, 1, 1, channels];
        const values = uniform('x', rows * channels).map((value) => 100 + value * Math.sqrt(3));
        const weightValues = plainWeights(channels);
        const weights = uploaded(weightValues);
        const x = tensorOf(values, shape, 'float32');
        const g = made('g', shape, 'float32');
        const options = { training: true, shortcut: null, relu: false };
        const { y, saved, statistics } = forward(x, weights, options);
        const found = gradient(g, { x, y: null, saved }, weights, { ...options, shortcut: false });
        const expected = plainBatchNorm(values, weightValues, options);
        const gradients = plainBatchNormGradient(floats(g), values, null, weightValues, true);
        for (const [what, tensor, plain] of [
          ['y', y, expected.y],
          ['variance', statistics!.variance, expected.variance],
          ['x', found.x, gradients.x],
          ['scale', found.scale, gradients.scale],
        ] as const) {
          const error = relativeError(readFloats(tensor), plain);
          assert.ok(error <= tolerance, `${what}: ${error}`);
        }
        dispose(x, g, y, ...saved, statistics!.mean, statistics!.variance);
        dispose(...Object.values(weights), found.x, found.scale, found.offset);
      });
});
