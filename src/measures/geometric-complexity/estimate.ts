import { type Estimate, studentQuantile } from '../../statistics/student-interval.ts';

/** What an estimator found for one example. */
export interface ExampleComplexity {
  /** Position in the set. */
  readonly example: number;
  readonly label: number;
  /** Unbiased for ||J||_F^2 of the example. */
  readonly value: number;
  /** Variance of `value` over probes: 0 if exact, null if one probe leaves it unknown. */
  readonly probeVariance: number | null;
}

/**
 * Mean of ||J||_F^2 over a set, from examples drawn without replacement, and its standard error with respect to that set: stratified
 * by class where each class was drawn from (Cochran 1977, eq. 5.1 and 5.6), with the finite-population factor 1 - n/N on what
 * varies between examples and none on what varies between probes (two-stage sampling, eq. 10.14). With one probe per example the
 * two cannot be told apart; the factor is left out, which is conservative. Exact over the whole set: standard error 0. Where a class has
 * one example or none, the spread of all examples stands for that inside classes, and each example for its share of its class;
 * the one example of a class of one is its whole spread where its own value has a known error.
 * Classes count by `weights` in the mean, by their size where there are none.
 */
export const estimateMean = (
  found: readonly ExampleComplexity[],
  classSizes: readonly number[],
  weights: readonly number[] = classSizes,
): Estimate & { readonly perClass: readonly (number | null)[] } => {
  const byClass: ExampleComplexity[][] = classSizes.map(() => []);
  for (const each of found) byClass[each.label]!.push(each);
  const perClass = byClass.map((stratum) => (stratum.length > 0 ? meanOf(stratum) : null));
  const all = weights.reduce((sum, weight) => sum + weight, 0);
  const covered = byClass.every((stratum, c) => stratum.length > 0 || classSizes[c] === 0);
  const measurable = byClass.every(
    (stratum, c) => stratum.length > 1 || (stratum.length === classSizes[c] && isKnown(stratum)),
  );
  if (!covered || !measurable) {
    const { value, variance, freedom } = ofFew(found, byClass, classSizes, weights);
    return { ...withInterval(value, variance, freedom), perClass };
  }
  let variance: number | null = 0;
  for (const [c, stratum] of byClass.entries()) {
    const term = stratum.length > 0 ? varianceOfMean(stratum, classSizes[c]!) : 0;
    variance = variance === null || term === null ? null : variance + (weights[c]! / all) ** 2 * term;
  }
  const freedom = found.length - byClass.filter((stratum) => stratum.length > 0).length;
  return { ...withInterval(weighted(perClass, weights), variance, Math.max(1, freedom)), perClass };
};

/** Too few examples for strata: Kish's effective number of them (1965) counts where they stand for unequal numbers. */
const ofFew = (
  found: readonly ExampleComplexity[],
  byClass: readonly (readonly ExampleComplexity[])[],
  classSizes: readonly number[],
  weights: readonly number[],
): { readonly value: number; readonly variance: number | null; readonly freedom: number } => {
  const all = classSizes.reduce((sum, size) => sum + size, 0);
  const means = byClass.map((stratum) => (stratum.length > 0 ? meanOf(stratum) : null));
  const isEqual = [classSizes, weights].every(
    (each) => new Set(found.map(({ label }) => each[label]!)).size <= 1,
  );
  if (isEqual) {
    const covered = means.every((mean, c) => mean !== null || classSizes[c] === 0);
    const value = covered ? weighted(means, weights) : meanOf(found);
    return { value, variance: varianceOfMean(found, all), freedom: found.length - 1 };
  }
  const shares = found.map(({ label }) => weights[label]! / byClass[label]!.length);
  const total = shares.reduce((sum, share) => sum + share, 0);
  const squares = shares.reduce((sum, share) => sum + (share / total) ** 2, 0);
  const mean = meanOf(found);
  const spread = found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (found.length - 1);
  return {
    value: weighted(means, weights),
    variance: spread * squares,
    freedom: Math.floor(1 / squares + 1e-9) - 1,
  };
};

/** Whether each value's own error is known: one probe leaves it open, also where the example is its whole class. */
const isKnown = (stratum: readonly ExampleComplexity[]): boolean =>
  stratum.every(({ probeVariance }) => probeVariance !== null);

const meanOf = (stratum: readonly ExampleComplexity[]): number =>
  stratum.reduce((sum, { value }) => sum + value, 0) / stratum.length;

const weighted = (means: readonly (number | null)[], weights: readonly number[]): number => {
  let sum = 0;
  let all = 0;
  for (const [c, mean] of means.entries()) {
    if (mean === null) continue;
    sum += mean * weights[c]!;
    all += weights[c]!;
  }
  return sum / all;
};

/** Variance of the mean of n examples out of `size`; null where one example leaves it unknown. */
const varianceOfMean = (stratum: readonly ExampleComplexity[], size: number): number | null => {
  const n = stratum.length;
  let betweenProbes: number | null = 0;
  for (const { probeVariance } of stratum)
    betweenProbes =
      betweenProbes === null || probeVariance === null ? null : betweenProbes + probeVariance / n;
  if (n === size && betweenProbes !== null) return betweenProbes / n;
  if (n < 2) return null;
  const mean = meanOf(stratum);
  const spread = stratum.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (n - 1);
  return betweenProbes === null ? spread / n : ((1 - n / size) * spread) / n + betweenProbes / size;
};

const withInterval = (value: number, variance: number | null, freedom: number): Estimate => {
  if (variance === null || freedom < 1) return { value, standardError: null, ci95: null };
  const standardError = Math.sqrt(variance);
  const half = studentQuantile(freedom) * standardError;
  return { value, standardError, ci95: [value - half, value + half] };
};
