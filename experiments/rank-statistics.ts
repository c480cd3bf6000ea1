import { determinant, inverse, Matrix } from 'ml-matrix';
import { randomStream } from '../src/random/random.ts';
import { groupBy } from '../src/report/group-by.ts';
import { pearson, ranks } from '../src/statistics/rank-correlation.ts';

type Values = readonly number[];

/**
 * Rank correlation of x and y with any number of controls held fixed: the correlation of what least squares leaves of their
 * ranks, (r_xy - r_xc R^-1 r_cy) / sqrt((1 - r_xc R^-1 r_cx)(1 - r_yc R^-1 r_cy)) with R the controls' Spearman matrix.
 * Null where a variable is constant, the controls determine x, y or each other, or the runs are fewer than the variables + 1.
 */
export function partialRankCorrelation(x: Values, y: Values, controls: readonly Values[]): number | null {
  if (x.length < controls.length + 3) return null;
  const [rankedX, rankedY, ...ranked] = [x, y, ...controls].map(ranks);
  const whole = pearson(rankedX!, rankedY!);
  if (whole === null || controls.length === 0) return whole;
  const rhosWith = (variable: Values): Matrix | null => {
    const rhos = ranked.flatMap((control) => pearson(variable, control) ?? []);
    return rhos.length < ranked.length ? null : Matrix.columnVector(rhos);
  };
  const between = ranked.map(rhosWith);
  const [ofX, ofY] = [rhosWith(rankedX!), rhosWith(rankedY!)];
  if (ofX === null || ofY === null || between.some((each) => each === null)) return null;
  const matrix = new Matrix(between.map((each) => each!.to1DArray()));
  if (Math.abs(determinant(matrix)) < 1e-10) return null;
  const inverted = inverse(matrix);
  const explained = (left: Matrix, right: Matrix): number =>
    left.transpose().mmul(inverted).mmul(right).get(0, 0);
  const rest = (1 - explained(ofX, ofX)) * (1 - explained(ofY, ofY));
  if (rest < 1e-10) return null;
  return Math.min(1, Math.max(-1, (whole - explained(ofX, ofY)) / Math.sqrt(rest)));
}

export interface BootstrapInterval {
  readonly low: number;
  readonly high: number;
  /** Resamples in which the statistic was defined. */
  readonly resamples: number;
}

/** Each row a unit of its own: the interval is then over runs, as if seeds of one configuration were independent of each other. */
export const singly = (rowCount: number): readonly (readonly number[])[] =>
  Array.from({ length: rowCount }, (_, row) => [row]);

/** The rows of each key together: units of an interval over configurations. */
export const together = (keys: readonly string[]): readonly (readonly number[])[] => [
  ...groupBy(
    keys.map((_, row) => row),
    (row) => keys[row]!,
  ).values(),
];

/**
 * 95 % percentile interval of a statistic over resampled units of rows (with replacement, seeded); null where fewer than nine
 * in ten resamples define it. With whole configurations as units it says what other configurations would have given; with few of
 * them (under some 20) percentile intervals are known to be too narrow.
 */
export function bootstrapInterval(
  units: readonly (readonly number[])[],
  statistic: (rows: readonly number[]) => number | null,
  { resamples, seed }: { readonly resamples: number; readonly seed: number },
): BootstrapInterval | null {
  const random = randomStream(seed);
  const values: number[] = [];
  for (let i = 0; i < resamples; i++) {
    const value = statistic(units.flatMap(() => units[random.below(units.length)]!));
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
