import { ints, run, type Tensor } from '../tensor.ts';

/** a b, either one transposed first. Op: MatMul. */
export const matmul = (
  a: Tensor,
  b: Tensor,
  { transposeA = false, transposeB = false }: { transposeA?: boolean; transposeB?: boolean } = {},
): Tensor =>
  run('MatMul', [a, b], {
    T: { type: a.dtype },
    transpose_a: { bool: transposeA },
    transpose_b: { bool: transposeB },
  });

/** The same values in another shape, sharing memory. Op: Reshape. */
export const reshape = (x: Tensor, shape: readonly number[]): Tensor =>
  run('Reshape', [x, ints(shape)], { T: { type: x.dtype }, Tshape: { type: 'int32' } });

/** Axes in another order, copied. Op: Transpose. */
export const transpose = (x: Tensor, axes: readonly number[]): Tensor =>
  run('Transpose', [x, ints(axes)], { T: { type: x.dtype }, Tperm: { type: 'int32' } });
