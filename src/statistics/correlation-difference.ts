import { pearson, ranks, spearman } from './rank-correlation.ts';

type Values = readonly number[];

export interface CorrelationDifference {
  /** |rho of a| - |rho of b|, both with y. */
  readonly value: number;
  readonly n: number;
  readonly ci95: readonly [number, number];
}

/**
 * By how much a ranks y better than b does: the difference of the sizes of two Spearman correlations of the same pairs, with Zou's
 * interval for overlapping correlations (Psychological Methods 12, 2007) from their own intervals. The correlation between the two is
 * Pearson and Filon's (1898), as Steiger (Psychological Bulletin 87, 1980) has it. The smaller one's interval ends at 0, as sizes do.
 * Null where one of them has no interval;
 * 0 without width where both order the pairs alike, which Zou's asymmetric intervals would not give.
 */
export function correlationDifference(a: Values, b: Values, y: Values): CorrelationDifference | null {
  const [ofA, ofB] = [spearman(a, y), spearman(b, y)];
  const between = pearson(ranks(a), ranks(b));
  if (!ofA?.ci95 || !ofB?.ci95 || between === null) return null;
  const [first, second] = [upright(ofA.value, ofA.ci95), upright(ofB.value, ofB.ci95)];
  const r = between * (ofA.value < 0 ? -1 : 1) * (ofB.value < 0 ? -1 : 1);
  const [p, q] = [first.value, second.value];
  if (r > 1 - 1e-12) return { value: 0, n: y.length, ci95: [0, 0] };
  const spread = (1 - p * p) * (1 - q * q);
  const joint = (r - (p * q) / 2) * (1 - p * p - q * q - r * r) + r ** 3;
  // Where an order is perfect the formula is 0/0: errors are then taken as unrelated, which widens the interval.
  const c = spread < 1e-12 ? 0 : Math.min(1, Math.max(-1, joint / spread));
  const half = (outer: number, inner: number): number =>
    Math.sqrt(Math.max(0, outer * outer + inner * inner - 2 * c * outer * inner));
  // The smaller size is not below 0, and no difference is beyond 1.
  const [leastOfFirst, leastOfSecond] = [
    q >= p ? Math.max(0, first.low) : first.low,
    p >= q ? Math.max(0, second.low) : second.low,
  ];
  const value = p - q;
  return {
    value,
    n: y.length,
    ci95: [
      Math.max(-1, value - half(p - leastOfFirst, second.high - q)),
      Math.min(1, value + half(first.high - p, q - leastOfSecond)),
    ],
  };
}

/** The same with the sign that makes it positive. */
const upright = (value: number, [low, high]: readonly [number, number]) =>
  value < 0 ? { value: -value, low: -high, high: -low } : { value, low, high };
