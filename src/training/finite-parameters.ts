import { readVariable } from '../backend/kernels/momentum.ts';
import { halfSumOfSquares } from '../backend/kernels/sum-of-squares.ts';
import { dispose, type Tensor } from '../backend/tensor.ts';
import { firstNotFinite } from '../models/weights.ts';
import { downloadWeights, type Parameters } from './parameters.ts';

/**
 * Half the sum of squares of all weights and running statistics, a float32 scalar: where it is finite, all of them are. Momenta need
 * no look, for one that is not finite has moved its weight.
 */
export const halfSumOfParameterSquares = ({ trained, statistics }: Parameters): Tensor => {
  const read = trained.map(({ weights }) => readVariable(weights));
  const total = halfSumOfSquares([...read, ...statistics.values()]);
  dispose(...read);
  return total;
};

/**
 * The first weight or running statistic that holds NaN or infinity, as one phrase; null where all values are finite, if so large that
 * their squares have no float32. Reads all values.
 */
export const firstNotFiniteParameter = (parameters: Parameters): string | null => {
  const found = firstNotFinite(downloadWeights(parameters));
  return found === null ? null : `${found.name} is not finite (${found.value})`;
};
