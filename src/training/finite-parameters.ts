import { readVariable } from '../backend/kernels/momentum.ts';
import { dispose, ints, run, sizeOf, type Tensor } from '../backend/tensor.ts';
import { firstNotFinite } from '../models/not-finite.ts';
import { downloadWeights, type Parameters } from './parameters.ts';

/** Tensors below this size are looked at together: a call of an op costs more than a copy of so many values. */
const smallSize = 16_384;

/**
 * Half the sum of squares of all weights and running statistics, a float32 scalar: where it is finite, all of them are. Momenta need
 * no look, for one that is not finite has moved its weight. Ops: L2Loss for each large tensor; Reshape and ConcatV2 for the others.
 */
export const halfSumOfSquares = ({ trained, statistics }: Parameters): Tensor => {
  const values = [...trained.map(({ weights }) => readVariable(weights)), ...statistics.values()];
  const isSmall = ({ shape }: Tensor): boolean => sizeOf(shape) < smallSize;
  const small = concatenated(values.filter(isSmall));
  const parts = [...values.filter((value) => !isSmall(value)), small].map(halfSquaredNorm);
  dispose(small, ...values.slice(0, trained.length));
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

/**
 * The first weight or running statistic that holds NaN or infinity, as one phrase; null where all values are finite, if so large that
 * their squares have no float32. Reads all values.
 */
export const firstNotFiniteParameter = (parameters: Parameters): string | null => {
  const found = firstNotFinite(downloadWeights(parameters));
  return found === null ? null : `${found.name} is not finite (${found.value})`;
};
