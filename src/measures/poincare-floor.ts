import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Complexity } from './geometric-complexity/geometric-complexity.ts';
import { type Measured, undefinedBecause } from './measured.ts';

/**
 * What the classes' Poincare constant rho is at least. The embedding itself is a test function, so that Var_c <= rho GC_c in every
 * class. Exact geometric complexity of the whole split gives max_c Var_c / GC_c. The largest of noisy quotients would be too large: an estimate gives
 * mean Var_c / mean GC_c, which no more than the largest quotient can be, with the upper limit of the mean: rho is at least this with 95 %
 * confidence. Squared norms are skewed to the right, so that the limit is that of the logarithm.
 */
export function poincareFloor(
  {
    record,
    perClass,
    perExample,
  }: Pick<Complexity, 'perClass' | 'perExample'> & {
    readonly record: Pick<Complexity['record'], 'value' | 'ci95' | 'ofExamples'>;
  },
  statistics: ClassStatistics,
): Measured {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const { classNames, variances, counts, examples } = statistics;
  for (const [c, name] of classNames.entries()) {
    const complexity = perClass[c] ?? null;
    if (complexity === null) return undefinedBecause(`the geometric complexity of class ${name} is unknown`);
    if (complexity === 0 && variances[c]! > 0)
      return undefinedBecause(`class ${name} has geometric complexity 0 and a variance above 0`);
  }
  if (variances.every((variance) => variance === 0)) return 0;
  if (perExample.length === record.ofExamples && perExample.every(({ probeVariance }) => probeVariance === 0))
    return variances.reduce(
      (floor, variance, c) => (variance > 0 ? Math.max(floor, variance / perClass[c]!) : floor),
      0,
    );
  if (record.ci95 === null) return undefinedBecause('the error of geometric complexity is unknown');
  const mean = variances.reduce((sum, variance, c) => sum + (variance * counts[c]!) / examples, 0);
  const { value, ci95 } = record;
  return mean / (value * Math.exp((ci95[1] - value) / value));
}
