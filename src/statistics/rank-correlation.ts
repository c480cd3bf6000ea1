import { normalQuantile } from './wilson-interval.ts';

/**
 * Rank correlations of independent pairs (configurations' means, not runs), with 95 % intervals by Fisher's z.
 *
 * Standard errors of z: Spearman sqrt((1 + r^2/2) / (n - 3)) (Bonett and Wright, Psychometrika 65, 2000), Kendall
 * sqrt(0.437 / (n - 4)) (Fieller, Hartley and Pearson, Biometrika 44, 1957), partial Spearman with n less the number of
 * controls. A perfect order has no finite z, and the interval [1, 1] would claim certainty from three runs: there
 * the interval is centred on the value that one swap of neighbours leaves, and its outer end stays at +1 or -1.
 */
export interface RankCorrelation {
  readonly value: number;
  readonly n: number;
  /** Null where n is too small for one: under 4 runs for Spearman, 5 for Kendall. */
  readonly ci95: readonly [number, number] | null;
}

type Values = readonly number[];

/** Spearman's rho with mean ranks for ties; null where a variable is constant or under two pairs are given. */
export function spearman(x: Values, y: Values): RankCorrelation | null {
  const value = pearson(ranks(x), ranks(y));
  return value === null ? null : withInterval(value, x.length, spearmanError, swapped(x.length));
}

/** Kendall's tau-b; null where a variable is constant or under two pairs are given. */
export function kendall(x: Values, y: Values): RankCorrelation | null {
  const n = x.length;
  let balance = 0;
  let untiedX = 0;
  let untiedY = 0;
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < i; j++) {
      const signX = Math.sign(x[i]! - x[j]!);
      const signY = Math.sign(y[i]! - y[j]!);
      balance += signX * signY;
      untiedX += signX * signX;
      untiedY += signY * signY;
    }
  }
  if (untiedX === 0 || untiedY === 0) return null;
  const value = clip(balance / Math.sqrt(untiedX * untiedY));
  return withInterval(value, n, (count) => Math.sqrt(0.437 / (count - 4)), 1 - 4 / (n * (n - 1)));
}

/** Mean of repeats for ranking: to twelve digits, because 0.1 + 0.2 + 0.3 and 0.3 + 0.2 + 0.1 differ in the last of sixteen and are tied. */
export const meanForRanks = (values: Values): number =>
  Number((values.reduce((sum, value) => sum + value, 0) / values.length).toPrecision(12));

/** Ranks from 1; tied values share the mean of their ranks. */
export function ranks(values: Values): readonly number[] {
  const order = values.map((_, index) => index).sort((a, b) => values[a]! - values[b]!);
  const result = new Array<number>(values.length).fill(0);
  for (let start = 0; start < order.length; ) {
    let end = start;
    while (end + 1 < order.length && values[order[end + 1]!] === values[order[start]!]) end += 1;
    for (let at = start; at <= end; at++) result[order[at]!] = (start + end) / 2 + 1;
    start = end + 1;
  }
  return result;
}

/**
 * Fisher's z with Bonett and Wright's error around a partial Spearman rho of n pairs, n less its controls; null under four. A partial
 * rho takes any value, so that only 1 itself is a perfect order.
 */
export function partialInterval(value: number, n: number): readonly [number, number] | null {
  const perfect = Math.abs(value) > 1 - 1e-9;
  return withInterval(value, n, spearmanError, perfect ? swapped(n) : 1).ci95;
}

const spearmanError = (n: number, r: number): number => Math.sqrt((1 + (r * r) / 2) / (n - 3));
const swapped = (n: number): number => 1 - 12 / (n * (n * n - 1));
const clip = (value: number): number => Math.min(1, Math.max(-1, value));

function withInterval(
  value: number,
  n: number,
  standardError: (n: number, value: number) => number,
  largest: number,
): RankCorrelation {
  const perfect = Math.abs(value) > largest + 1e-9;
  const centre = perfect ? Math.sign(value) * largest : value;
  const half = normalQuantile * standardError(n, centre);
  if (!(half < Number.POSITIVE_INFINITY)) return { value, n, ci95: null };
  const ends = [Math.tanh(Math.atanh(centre) - half), Math.tanh(Math.atanh(centre) + half)] as const;
  if (!perfect) return { value, n, ci95: ends };
  return { value, n, ci95: value > 0 ? [ends[0], 1] : [-1, ends[1]] };
}

/** Pearson's r, of ranks Spearman's rho; null where a variable is constant. */
export function pearson(x: Values, y: Values): number | null {
  const n = x.length;
  const meanX = x.reduce((sum, value) => sum + value, 0) / n;
  const meanY = y.reduce((sum, value) => sum + value, 0) / n;
  let xx = 0;
  let yy = 0;
  let xy = 0;
  for (let i = 0; i < n; i++) {
    const dx = x[i]! - meanX;
    const dy = y[i]! - meanY;
    xx += dx * dx;
    yy += dy * dy;
    xy += dx * dy;
  }
  return xx > 0 && yy > 0 ? clip(xy / Math.sqrt(xx * yy)) : null;
}
