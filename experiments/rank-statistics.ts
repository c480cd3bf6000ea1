import { inverse, Matrix } from 'ml-matrix';
import { randomStream } from '../src/data/random.ts';
import { ranks, spearman } from '../src/report/correlation.ts';

type Values = readonly number[];

/**
 * Rank correlation of x and y with any number of controls held fixed: the correlation of what least squares leaves of their
 * ranks, which is -P_xy / sqrt(P_xx P_yy) with P the inverse of the matrix of Spearman's rhos. Null where a variable is
 * constant, or the ranks determine each other (then nothing is left to correlate).
 */
export function partialRankCorrelation(x: Values, y: Values, controls: readonly Values[]): number | null {
  const variables = [x, y, ...controls].map(ranks);
  if (x.length < variables.length + 1) return null;
  const rhos = variables.map((left) => variables.map((right) => spearman(left, right)?.value ?? null));
  const known = rhos.map((row) => row.filter((rho) => rho !== null));
  if (known.some((row) => row.length < variables.length)) return null;
  const matrix = new Matrix(known);
  if (Math.abs(determinant(matrix)) < 1e-10) return null;
  const precision = inverse(matrix);
  const value = -precision.get(0, 1) / Math.sqrt(precision.get(0, 0) * precision.get(1, 1));
  return Math.min(1, Math.max(-1, value));
}

/** Of a correlation matrix: the product of Cholesky's squared pivots, 0 where one is not positive. */
function determinant(matrix: Matrix): number {
  const size = matrix.rows;
  const lower = Matrix.zeros(size, size);
  let product = 1;
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let rest = matrix.get(i, j);
      for (let k = 0; k < j; k++) rest -= lower.get(i, k) * lower.get(j, k);
      if (i === j && rest <= 0) return 0;
      if (i === j) product *= rest;
      lower.set(i, j, i === j ? Math.sqrt(rest) : rest / lower.get(j, j));
    }
  return product;
}

export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
  /** Resamples in which the statistic was defined. */
  readonly resamples: number;
}

/**
 * 95 % percentile interval of a statistic over resampled rows (with replacement, seeded); null where fewer than nine in ten
 * resamples define it. Rows that share a configuration are resampled one by one: seeds of a configuration are not independent
 * of each other as draws of configurations, and the interval is the narrower for it.
 */
export function bootstrapInterval(
  rowCount: number,
  statistic: (rows: readonly number[]) => number | null,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): BootstrapInterval | null {
  const random = randomStream(seed);
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const value = statistic(Array.from({ length: rowCount }, () => random.below(rowCount)));
    if (value !== null) values.push(value);
  }
  if (values.length < 0.9 * resamples) return null;
  values.sort((a, b) => a - b);
  return { low: quantile(values, 0.025), high: quantile(values, 0.975), resamples: values.length };
}

/** Linear between the order statistics, as NumPy's default. */
function quantile(sorted: Values, share: number): number {
  const at = share * (sorted.length - 1);
  const low = Math.floor(at);
  const [from, to] = [sorted[low]!, sorted[Math.min(low + 1, sorted.length - 1)]!];
  return from + (at - low) * (to - from);
}
