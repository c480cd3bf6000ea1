import { dispose, ints, run, type Tensor } from '../tensor.ts';
import type { ConvolutionGeometry } from './convolution-contract.ts';
import { matmul, reshape } from './linear.ts';
import { padEvenly } from './pad.ts';

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
  const padded = padEvenly(x, padding);
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

/**
 * Gradient of a 1x1 filter: one product, of the pixels that the stride meets. Conv2DBackpropFilter is not for this: with stride 2 it
 * writes past its memory on small batches (TensorFlow 2.21, 1 to 10 images of 16x16). Ops: StridedSlice, MatMul.
 */
export const pointFilterGradient = (
  x: Tensor,
  gradient: Tensor,
  shape: readonly number[],
  { stride }: Pick<ConvolutionGeometry, 'stride'>,
): Tensor => {
  const [examples, , , channels] = x.shape as readonly [number, number, number, number];
  const [, outHeight, outWidth, out] = gradient.shape as readonly [number, number, number, number];
  const rows = examples * outHeight * outWidth;
  if (stride === 1) return productOf(x, gradient, [rows, channels], [rows, out], shape);
  const met = run('StridedSlice', [x, ints([0, 0, 0, 0]), ints(x.shape), ints([1, stride, stride, 1])], {
    T: { type: x.dtype },
    Index: { type: 'int32' },
    begin_mask: { int: 0 },
    end_mask: { int: 0 },
    ellipsis_mask: { int: 0 },
    new_axis_mask: { int: 0 },
    shrink_axis_mask: { int: 0 },
  });
  const result = productOf(met, gradient, [rows, channels], [rows, out], shape);
  dispose(met);
  return result;
};

/** x^T g of the two as matrices, in the filter's shape. */
const productOf = (
  x: Tensor,
  gradient: Tensor,
  xShape: readonly number[],
  gradientShape: readonly number[],
  shape: readonly number[],
): Tensor => {
  const left = reshape(x, xShape);
  const right = reshape(gradient, gradientShape);
  const product = matmul(left, right, { transposeA: true });
  const result = reshape(product, shape);
  dispose(left, right, product);
  return result;
};
