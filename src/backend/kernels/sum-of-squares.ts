import { hasOwnKernels } from '../load.ts';
import { dispose, ints, run, sizeOf, type Tensor } from '../tensor.ts';

/** Tensors below this size are looked at together: a call of an op costs more than a copy of so many values. */
const smallSize = 65_536;

/** Half the sum of the squares of all values of float32 tensors, a float32 scalar. At least one tensor; none is disposed of. */
export const halfSumOfSquares = (tensors: readonly Tensor[]): Tensor =>
  hasOwnKernels()
    ? run('GcncHalfSumOfSquares', tensors, { N: { int: tensors.length } })
    : halfSumByTensorFlow(tensors);

/** Ops: L2Loss for each large tensor; Reshape and ConcatV2 for the others. */
const halfSumByTensorFlow = (tensors: readonly Tensor[]): Tensor => {
  const isSmall = ({ shape }: Tensor): boolean => sizeOf(shape) < smallSize;
  const parts = tensors.filter((tensor) => !isSmall(tensor)).map(halfSquaredNorm);
  const small = tensors.filter(isSmall);
  if (small.length > 0) {
    const whole = concatenated(small);
    parts.push(halfSquaredNorm(whole));
    dispose(whole);
  }
  const total = run('AddN', parts, { N: { int: parts.length }, T: { type: 'float32' } });
  dispose(...parts);
  return total;
};

/** One vector of all values. The tensors are not disposed of. */
export const concatenated = (tensors: readonly Tensor[]): Tensor => {
  const flat = tensors.map((tensor) =>
    tensor.shape.length === 1
      ? tensor
      : run('Reshape', [tensor, ints([-1])], { T: { type: 'float32' }, Tshape: { type: 'int32' } }),
  );
  const whole = run('ConcatV2', [...flat, ints([0], [])], {
    N: { int: flat.length },
    T: { type: 'float32' },
    Tidx: { type: 'int32' },
  });
  dispose(...flat.filter((each) => !tensors.includes(each)));
  return whole;
};

const halfSquaredNorm = (value: Tensor): Tensor => run('L2Loss', [value], { T: { type: 'float32' } });
