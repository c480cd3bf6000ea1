import { dispose, ints, run, type Tensor } from '../tensor.ts';
import type { ConvolutionGeometry } from './convolution.ts';
import { matmul, reshape } from './linear.ts';

/**
 * Where a product of matrices for each position of the filter beats Conv2DBackpropFilter. Measured at batch 64 on two cores of an
 * AMD EPYC with AVX512-BF16 (ms, native against products): bfloat16 4x4x512 14.7 and 6.5, 8x8x256 9.1 and 7.1, 16x16x128 7.3 and
 * 8.3, narrower and larger ones slower by products; float32 native everywhere.
 */
export const isFasterByProducts = (x: Tensor, { kernel, stride, padding }: ConvolutionGeometry): boolean => {
  const [, height, width, channels] = x.shape as readonly [number, number, number, number];
  const isSame = stride === 1 && kernel === 2 * padding + 1 && kernel > 1;
  return isSame && x.dtype === 'bfloat16' && height * width <= 64 && channels >= 256;
};

/** Gradient of a filter of stride 1 that keeps the image's size: x^T g for each of its positions. Ops: Pad, Slice, MatMul, ConcatV2. */
export const filterGradientByProducts = (
  x: Tensor,
  gradient: Tensor,
  shape: readonly number[],
  { kernel, padding }: ConvolutionGeometry,
): Tensor => {
  const [examples, height, width, channels] = x.shape as readonly [number, number, number, number];
  const rows = examples * height * width;
  const type = { T: { type: x.dtype } };
  const around = ints([0, 0, padding, padding, padding, padding, 0, 0], [4, 2]);
  const padded = run('Pad', [x, around], { ...type, Tpaddings: { type: 'int32' } });
  const flat = reshape(gradient, [rows, shape[3]!]);
  const products: Tensor[] = [];
  for (let top = 0; top < kernel; top++)
    for (let left = 0; left < kernel; left++) {
      const shifted = run('Slice', [padded, ints([0, top, left, 0]), ints(x.shape)], {
        ...type,
        Index: { type: 'int32' },
      });
      const matrix = reshape(shifted, [rows, channels]);
      products.push(matmul(matrix, flat, { transposeA: true }));
      dispose(shifted, matrix);
    }
  const joined = run('ConcatV2', [...products, ints([0], [])], {
    ...type,
    N: { int: products.length },
    Tidx: { type: 'int32' },
  });
  const result = reshape(joined, shape);
  dispose(padded, flat, ...products, joined);
  return result;
};
