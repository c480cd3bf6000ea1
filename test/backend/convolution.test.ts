import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  convolution,
  convolutionFilterGradient,
  convolutionInputGradient,
} from '../../src/backend/kernels/convolution.ts';
import type { ConvolutionGeometry } from '../../src/backend/kernels/convolution-contract.ts';
import { isFasterByProducts } from '../../src/backend/kernels/filter-gradient.ts';
import {
  cast,
  dispose,
  fromArray,
  liveTensorCount,
  readFloats,
  sizeOf,
  type Tensor,
} from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';
import {
  type ConvolutionShape,
  plainConvolution,
  plainFinish,
  relativeError,
  shapesOf,
} from './plain-convolution.ts';

type Precision = 'float32' | 'bfloat16';

const made = (name: string, shape: readonly number[], precision: Precision): Tensor => {
  const wide = fromArray(uniform(name, sizeOf(shape)), shape);
  const narrow = cast(wide, precision);
  dispose(wide);
  return narrow;
};

/** Filters and biases are float32, and here values that bfloat16 has, as TensorFlow's convolutions round them. */
const madeWeight = (name: string, shape: readonly number[]): Tensor => {
  const narrow = made(name, shape, 'bfloat16');
  const wide = cast(narrow, 'float32');
  dispose(narrow);
  return wide;
};

const floats = (tensor: Tensor): Float32Array => readFloats(tensor).slice();

/** Winograd's transformations add roundings to those of products and, in bfloat16, of outputs. */
const toleranceOf = (precision: Precision, { kernel, stride }: ConvolutionGeometry): number => {
  const isWinograd = kernel === 3 && stride === 1;
  if (precision === 'float32') return isWinograd ? 1e-5 : 1e-6;
  return isWinograd ? 2e-2 : 4e-3;
};

const assertClose = (found: Tensor, expected: Float64Array, tolerance: number, what: string): void => {
  const error = relativeError(readFloats(found), expected);
  assert.ok(error <= tolerance, `${what}: ${error}`);
};

const check = (shape: ConvolutionShape, geometry: ConvolutionGeometry, precision: Precision): void => {
  const before = liveTensorCount();
  const shapes = shapesOf(shape, geometry);
  const tolerance = toleranceOf(precision, geometry);
  const x = made('x', shapes.x, precision);
  const g = made('g', shapes.y, precision);
  const w = madeWeight('w', shapes.filter);
  const bias = madeWeight('bias', [shape.out]);
  const addend = made('addend', shapes.y, precision);
  const inputAddend = made('input addend', shapes.x, precision);
  const mask = made('mask', [1, ...shapes.y.slice(1)], precision);
  const inputMask = made('input mask', shapes.x, precision);
  const expected = plainConvolution(shape, geometry, floats(x), floats(w), floats(g));

  const y = convolution(x, w, geometry);
  const dx = convolutionInputGradient(g, w, shapes.x, geometry);
  const dw = convolutionFilterGradient(x, g, shapes.filter, geometry);
  assertClose(y, expected.y, tolerance, 'forward');
  assertClose(dx, expected.dx, tolerance, 'input gradient');
  assertClose(dw, expected.dw, tolerance, 'filter gradient');

  const by = { bias: floats(bias), addend: floats(addend), relu: true, mask: floats(mask) };
  const inputBy = { addend: floats(inputAddend), mask: floats(inputMask) };
  // TensorFlow rounds to bfloat16 after each of these.
  const finishedTolerance = precision === 'float32' ? tolerance : Math.max(tolerance, 8e-3);
  for (const slope of [0, 0.1]) {
    const finished = convolution(x, w, geometry, { bias, addend, relu: true, mask, slope });
    const finishedGradient = convolutionInputGradient(g, w, shapes.x, geometry, {
      addend: inputAddend,
      mask: inputMask,
      slope,
    });
    const what = `finished, slope ${slope}`;
    assertClose(finished, plainFinish(expected.y, { ...by, slope }), finishedTolerance, what);
    assertClose(
      finishedGradient,
      plainFinish(expected.dx, { ...inputBy, slope }),
      finishedTolerance,
      `gradient ${what}`,
    );
    dispose(finished, finishedGradient);
  }

  dispose(x, g, w, bias, addend, inputAddend, mask, inputMask, y, dx, dw);
  assert.equal(liveTensorCount(), before);
};

const geometries: readonly ConvolutionGeometry[] = [
  { kernel: 1, stride: 1, padding: 0 },
  { kernel: 1, stride: 2, padding: 0 },
  { kernel: 3, stride: 1, padding: 1 },
  { kernel: 3, stride: 2, padding: 1 },
  { kernel: 7, stride: 2, padding: 3 },
];

describe('convolution with its gradients against plain sums in float64', () => {
  for (const geometry of geometries)
    for (const precision of ['float32', 'bfloat16'] as const)
      for (const examples of [1, 5])
        it(`${geometry.kernel}x${geometry.kernel}, stride ${geometry.stride}, ${examples} images, ${precision}`, () => {
          for (const [into, out] of [
            [3, 20],
            [20, 37],
            [37, 3],
            [32, 16],
          ] as const)
            for (const [height, width] of [
              [7, 9],
              [8, 4],
              [2, 2],
            ] as const)
              check({ examples, height, width, into, out }, geometry, precision);
        });
  for (const precision of ['float32', 'bfloat16'] as const) {
    // TensorFlow's own filter gradient writes past its memory here.
    it(`1x1, stride 2, five images of 16x16, ${precision}`, () =>
      check(
        { examples: 5, height: 16, width: 16, into: 4, out: 8 },
        { kernel: 1, stride: 2, padding: 0 },
        precision,
      ));
    it(`3x3 on many channels, ${precision}`, () => {
      const shape = { examples: 2, height: 4, width: 4, into: 256, out: 8 };
      const geometry = { kernel: 3, stride: 1, padding: 1 };
      check(shape, geometry, precision);
      assert.equal(
        isFasterByProducts({ id: 0, shape: shapesOf(shape, geometry).x, dtype: precision }, geometry),
        precision === 'bfloat16',
      );
    });
  }
});
