import type { RandomStream } from '../../src/random/random.ts';
import { correlationDifference } from '../../src/statistics/correlation-difference.ts';
import { normal } from './worlds.ts';

/** Two predictors of one accuracy: their correlations with it, over configurations. Half of what they do not share with it is common. */
export interface PredictorPair {
  readonly first: number;
  readonly second: number;
}

const sizeOf = (r: number): number => Math.abs((6 / Math.PI) * Math.asin(r / 2));

/** Whether the interval for |rho of the first| - |rho of the second| holds the true difference, in one simulated set of configurations. */
export function differenceIsCovered(
  { first, second }: PredictorPair,
  configurations: number,
  random: RandomStream,
): boolean {
  const all = Array.from({ length: configurations }, () => {
    const [y, u, v] = [normal(random), normal(random), normal(random)];
    return {
      a: first * y + Math.sqrt(1 - first ** 2) * u,
      b: second * y + Math.sqrt(1 - second ** 2) * (0.5 * u + Math.sqrt(0.75) * v),
      y,
    };
  });
  const found = correlationDifference(
    all.map(({ a }) => a),
    all.map(({ b }) => b),
    all.map(({ y }) => y),
  );
  const truth = sizeOf(first) - sizeOf(second);
  return found !== null && found.ci95[0] <= truth && truth <= found.ci95[1];
}
