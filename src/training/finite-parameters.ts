import { readVariable } from '../backend/kernels/momentum.ts';
import { dispose, readFloats, run, type Tensor } from '../backend/tensor.ts';
import { firstNotFinite } from '../models/not-finite.ts';
import { downloadWeights, type Parameters } from './parameters.ts';

/**
 * The first weight or running statistic that holds NaN or infinity, as one phrase; null where all values are finite. A finite sum
 * of squares on the device proves it, at one pass over the weights (0.6 % of a step); only where that sum is not finite, which
 * large values bring about too, the values are looked at one by one. Momenta need no look: one that is not finite has moved its weight.
 */
export const notFiniteParameter = (parameters: Parameters): string | null => {
  if (Number.isFinite(sumOfSquares(parameters))) return null;
  const found = firstNotFinite(downloadWeights(parameters));
  return found === null ? null : `${found.name} is not finite (${found.value})`;
};

/** Half the sum of squares of all parameters, in float32. Ops: L2Loss for each, AddN. */
const sumOfSquares = ({ trained, statistics }: Parameters): number => {
  const parts: Tensor[] = [];
  for (const { weights } of trained) {
    const value = readVariable(weights);
    parts.push(halfSquaredNorm(value));
    dispose(value);
  }
  for (const value of statistics.values()) parts.push(halfSquaredNorm(value));
  const total = run('AddN', parts, { N: { int: parts.length }, T: { type: 'float32' } });
  const [sum] = readFloats(total);
  dispose(total, ...parts);
  return sum!;
};

const halfSquaredNorm = (value: Tensor): Tensor => run('L2Loss', [value], { T: { type: 'float32' } });
