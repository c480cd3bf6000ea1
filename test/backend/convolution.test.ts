import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type ConvolutionGeometry,
  convolution,
  convolutionFilterGradient,
  convolutionInputGradient,
  convolvedSize,
} from '../../src/backend/kernels/convolution.ts';
import { isFasterByProducts } from '../../src/backend/kernels/filter-gradient.ts';
import {
  cast,
  dispose,
  fromArray,
  liveTensorCount,
  readFloats,
  type Tensor,
} from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';

/** Every product of the convolution, one after another, in float64: y += x w, dx += w g, dw += x g. */
const plain = (
  [examples, side, into, out]: readonly [number, number, number, number],
  { kernel, stride, padding }: ConvolutionGeometry,
  x: Float32Array,
  w: Float32Array,
  g: Float32Array,
) => {
  const size = convolvedSize(side, { kernel, stride, padding });
  const y = new Float64Array(examples * size * size * out);
  const dx = new Float64Array(x.length);
  const dw = new Float64Array(w.length);
  for (let n = 0; n < examples; n++)
    for (let row = 0; row < size; row++)
      for (let column = 0; column < size; column++)
        for (let i = 0; i < kernel; i++)
          for (let j = 0; j < kernel; j++) {
            const [top, left] = [row * stride + i - padding, column * stride + j - padding];
            if (top < 0 || left < 0 || top >= side || left >= side) continue;
            for (let a = 0; a < into; a++)
              for (let b = 0; b < out; b++) {
                const at = ((n * side + top) * side + left) * into + a;
                const to = ((n * size + row) * size + column) * out + b;
                const by = ((i * kernel + j) * into + a) * out + b;
                y[to]! += x[at]! * w[by]!;
                dx[at]! += w[by]! * g[to]!;
                dw[by]! += x[at]! * g[to]!;
              }
          }
  return { y, dx, dw };
};

const assertClose = (found: Tensor, expected: Float64Array, tolerance: number, what: string): void => {
  const values = readFloats(found);
  assert.equal(values.length, expected.length, what);
  const error = Math.hypot(...values.map((value, i) => value - expected[i]!));
  assert.ok(error <= tolerance * Math.hypot(...expected), `${what}: ${error / Math.hypot(...expected)}`);
};

const cases: readonly (readonly [string, readonly [number, number, number, number], ConvolutionGeometry])[] =
  [
    ['3x3', [2, 6, 3, 5], { kernel: 3, stride: 1, padding: 1 }],
    ['3x3, stride 2, even side', [2, 6, 3, 5], { kernel: 3, stride: 2, padding: 1 }],
    ['3x3, stride 2, odd side', [2, 7, 3, 5], { kernel: 3, stride: 2, padding: 1 }],
    ['1x1, stride 2', [2, 6, 3, 5], { kernel: 1, stride: 2, padding: 0 }],
    ['1x1', [3, 4, 6, 5], { kernel: 1, stride: 1, padding: 0 }],
    // TensorFlow's own filter gradient writes past its memory here.
    ['1x1, stride 2, five images', [5, 16, 4, 8], { kernel: 1, stride: 2, padding: 0 }],
    ['7x7, stride 2', [2, 12, 3, 4], { kernel: 7, stride: 2, padding: 3 }],
    ['3x3 on many channels', [2, 4, 256, 8], { kernel: 3, stride: 1, padding: 1 }],
  ];

describe('convolution with its gradients against plain sums in float64', () => {
  for (const [name, shape, geometry] of cases)
    for (const precision of ['float32', 'bfloat16'] as const)
      it(`${name}, ${precision}`, () => {
        const [examples, side, into, out] = shape;
        const size = convolvedSize(side, geometry);
        const before = liveTensorCount();
        const tensors = [
          [examples, side, side, into],
          [geometry.kernel, geometry.kernel, into, out],
          [examples, size, size, out],
        ].map((each, i) => {
          const wide = fromArray(
            uniform(
              `convolution ${i}`,
              each.reduce((a, b) => a * b, 1),
            ),
            each,
          );
          const narrow = cast(wide, precision);
          dispose(wide);
          return narrow;
        });
        const [x, w, g] = tensors as [Tensor, Tensor, Tensor];
        const expected = plain(
          shape,
          geometry,
          readFloats(x).slice(),
          readFloats(w).slice(),
          readFloats(g).slice(),
        );
        const tolerance = precision === 'float32' ? 1e-6 : 4e-3;
        const found = [
          convolution(x, w, geometry),
          convolutionInputGradient(g, w, x.shape, geometry),
          convolutionFilterGradient(x, g, w.shape, geometry),
        ] as const;
        assertClose(found[0], expected.y, tolerance, 'forward');
        assertClose(found[1], expected.dx, tolerance, 'input gradient');
        assertClose(found[2], expected.dw, tolerance, 'filter gradient');
        assert.equal(isFasterByProducts(x, geometry), into === 256 && precision === 'bfloat16');
        dispose(...tensors, ...found);
        assert.equal(liveTensorCount(), before);
      });
});
