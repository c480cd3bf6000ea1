import { randomStream } from '../src/random/random.ts';
import { groupBy } from '../src/report/group-by.ts';

type Values = readonly number[];

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
