import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ConvolutionGeometry } from '../../src/backend/kernels/convolution-contract.ts';
import {
  ownConvolution,
  ownFilterGradient,
  ownInputGradient,
} from '../../src/backend/kernels/convolution-own.ts';
import {
  tensorFlowConvolution,
  tensorFlowFilterGradient,
  tensorFlowInputGradient,
} from '../../src/backend/kernels/convolution-tensorflow.ts';
import { hasOwnKernels } from '../../src/backend/load.ts';
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
import { relativeError, shapesOf } from './plain-convolution.ts';

const made = (name: string, shape: readonly number[]): Tensor =>
  fromArray(uniform(name, sizeOf(shape)), shape);

/** The shapes of ResNet-18 and VGG at width 16, larger ones in part, and the stems. */
const layers: readonly (readonly [side: number, into: number, out: number, ConvolutionGeometry])[] = [
  [32, 3, 16, { kernel: 3, stride: 1, padding: 1 }],
  [64, 3, 64, { kernel: 7, stride: 2, padding: 3 }],
  [32, 16, 16, { kernel: 3, stride: 1, padding: 1 }],
  [32, 16, 32, { kernel: 3, stride: 2, padding: 1 }],
  [16, 32, 64, { kernel: 3, stride: 2, padding: 1 }],
  [8, 64, 128, { kernel: 3, stride: 2, padding: 1 }],
  [32, 16, 32, { kernel: 1, stride: 2, padding: 0 }],
  [8, 256, 512, { kernel: 3, stride: 2, padding: 1 }],
  [8, 256, 512, { kernel: 1, stride: 2, padding: 0 }],
  [4, 512, 512, { kernel: 3, stride: 1, padding: 1 }],
  [2, 512, 512, { kernel: 3, stride: 1, padding: 1 }],
];

describe("gcnc's own convolutions against TensorFlow's", { skip: !hasOwnKernels() }, () => {
  for (const [side, into, out, geometry] of layers)
    it(`${geometry.kernel}x${geometry.kernel} of stride ${geometry.stride}, ${side}x${side}x${into} to ${out}`, () => {
      const before = liveTensorCount();
      const shapes = shapesOf({ examples: 33, height: side, width: side, into, out }, geometry);
      const x = made('x', shapes.x);
      const w = made('w', shapes.filter);
      const g = made('g', shapes.y);
      const expected = [
        tensorFlowConvolution(x, w, geometry),
        tensorFlowInputGradient(g, w, shapes.x, geometry),
        tensorFlowFilterGradient(x, g, shapes.filter, geometry),
      ];
      const narrowX = cast(x, 'bfloat16');
      const narrowG = cast(g, 'bfloat16');
      const found = [
        [ownConvolution(x, w, geometry), ownConvolution(narrowX, w, geometry)],
        [ownInputGradient(g, w, shapes.x, geometry), ownInputGradient(narrowG, w, shapes.x, geometry)],
        [
          ownFilterGradient(x, g, shapes.filter, geometry),
          ownFilterGradient(narrowX, narrowG, shapes.filter, geometry),
        ],
      ];
      for (const [i, each] of expected.entries()) {
        const [wide, narrow] = found[i]!.map((own) => relativeError(readFloats(own), readFloats(each)));
        assert.ok(wide! <= 1e-5, `${i}, float32: ${wide}`);
        assert.ok(narrow! <= 2e-2, `${i}, bfloat16: ${narrow}`);
      }
      dispose(x, w, g, narrowX, narrowG, ...expected, ...found.flat());
      assert.equal(liveTensorCount(), before);
    });
});

describe('what an own op cannot do', { skip: !hasOwnKernels() }, () => {
  it("is an error of TensorFlow's with the kernel's words, and the next call works", () => {
    const geometry = { kernel: 3, stride: 1, padding: 1 };
    const x = made('x', [2, 8, 8, 16]);
    const [fitting, other] = [made('w', [3, 3, 16, 4]), made('w', [3, 3, 8, 4])];
    const gradient = made('g', [2, 5, 5, 4]);
    assert.throws(() => ownConvolution(x, other, geometry), /the filter is \[k, k, in, out\]/);
    assert.throws(
      () => ownFilterGradient(x, gradient, [3, 3, 16, 4], geometry),
      /the gradient is not of the convolution's output/,
    );
    const y = ownConvolution(x, fitting, geometry);
    assert.deepEqual(y.shape, [2, 8, 8, 4]);
    dispose(x, fitting, other, gradient, y);
  });
});
