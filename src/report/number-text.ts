import { type Association, isBeyondChance } from '../statistics/association.ts';
import type { RankCorrelation } from '../statistics/rank-correlation.ts';
import type { SeedMean } from './aggregate.ts';

const missing = '–';

/** More digits than the largest value asks for, so that the smallest one does not read as 0. */
const mostMoreDecimals = 3;

/**
 * Digits after the point that give the largest of the values three significant digits or more, and the smallest that is not 0 at
 * least one; null asks for an exponent.
 */
function decimalsFor(values: readonly number[]): number | null {
  const sizes = values.map(Math.abs).filter((size) => size > 0);
  if (sizes.length === 0) return 0;
  const [smallest, largest] = [Math.min(...sizes), Math.max(...sizes)];
  if (largest < 1e-3 || largest >= 1e6) return null;
  const decimals = Math.max(0, largest >= 100 ? 1 : 2 - Math.floor(Math.log10(largest)));
  const needed = -Math.floor(Math.log10(smallest));
  if (needed > decimals + mostMoreDecimals) return null;
  return Math.max(decimals, needed);
}

const numberText = (value: number, decimals: number | null): string =>
  decimals === null ? value.toExponential(2) : value.toFixed(decimals);

/** As many decimals as the values have; a half-width that is not 0 and would read so has its first digit. */
const halfText = (half: number, decimals: number | null): string => {
  const text = numberText(half, decimals);
  return half > 0 && Number(text) === 0 ? String(Number(half.toPrecision(1))) : text;
};

/** `2.31 ±0.20`, for a sentence. */
export const briefMean = ({ mean, halfWidth }: SeedMean, factor: number): string =>
  halfWidth === null ? brief(mean * factor) : `${brief(mean * factor)} ±${brief(halfWidth * factor)}`;

/** A mean over seeds; at equal loss with what interpolation may have missed, which is part of the half-width where there is one. */
type ShownMean = SeedMean & { readonly interpolation?: number };

/** ` ±0.20`; of one seed, whose interval is undefined, ` (interpolation ±0.7)` where it was interpolated. */
function aroundText({ halfWidth, interpolation = 0 }: ShownMean, factor: number, decimals: number | null) {
  if (halfWidth !== null) return ` ±${halfText(halfWidth * factor, decimals)}`;
  return interpolation > 0 ? ` (interpolation ±${halfText(interpolation * factor, decimals)})` : '';
}

/**
 * A column of means with half-widths, each text as wide as the others and the points under each other. A mean of fewer runs than its
 * row's count in `of` says so: `0.31 ±0.05 (n 2)`.
 */
export function meanColumn(
  means: readonly (ShownMean | null)[],
  factor: number,
  of?: readonly number[],
): readonly string[] {
  const known = means.filter((mean) => mean !== null).map(({ mean }) => mean * factor);
  const decimals = decimalsFor(known);
  const parts = means.map((mean, row) => {
    if (mean === null) return { value: missing, half: '' };
    const fewer = mean.n < (of?.[row] ?? 0) ? ` (n ${mean.n})` : '';
    const half = `${aroundText(mean, factor, decimals)}${fewer}`;
    return { value: numberText(mean.mean * factor, decimals), half };
  });
  const valueWidth = Math.max(0, ...parts.map(({ value }) => value.length));
  const halfWidth = Math.max(0, ...parts.map(({ half }) => half.length));
  return parts.map(({ value, half }) => value.padStart(valueWidth) + half.padEnd(halfWidth));
}

/** A number for a sentence: three significant digits, no needless zeros, a minus where it is one. */
export function brief(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
  return size >= 100 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

/** `1 run`, `2 runs`. */
export const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;

/** `3 seeds`, or `2 to 3 seeds` where counts differ. */
export function range(counts: readonly number[], what: string): string {
  const [fewest, most] = [Math.min(...counts), Math.max(...counts)];
  return fewest === most ? counted(most, what) : `${fewest} to ${counted(most, what)}`;
}

/** `+0.83 [0.20, 0.98]`. */
export function correlationText(correlation: RankCorrelation | null): string {
  if (correlation === null) return missing;
  const { value, ci95 } = correlation;
  const size = Math.abs(value);
  // An order that is not perfect does not read as one.
  const isNearlyPerfect = size < 1 - 1e-12 && size.toFixed(2) === '1.00';
  const sign = value > rounding ? '+' : '';
  const shown = isNearlyPerfect ? `${value < 0 ? '−' : ''}${nearlyOne(size)}` : signed(value);
  return ci95 === null ? `${sign}${shown}` : `${sign}${shown} [${signed(ci95[0])}, ${signed(ci95[1])}]`;
}

/** What floating point leaves of a correlation of 0. */
const rounding = 1e-12;

/** 0.996 of 0.9961, 0.9996 of 0.99961: cut, not rounded, where all digits but the last are nines. */
const nearlyOne = (size: number): string => {
  const digits = Math.min(12, Math.ceil(-Math.log10(1 - size)));
  return (Math.floor(size * 10 ** digits) / 10 ** digits).toFixed(digits);
};

/** Two decimals; the first digit where the two would read as 0, so that an interval shows on which side of 0 it ends. */
function signed(value: number): string {
  const size = Math.abs(value);
  const isSmall = size > rounding && size < 0.005;
  return `${value < -rounding ? '−' : ''}${isSmall ? Number(size.toPrecision(1)) : size.toFixed(2)}`;
}

/** `+0.83 [0.20, 0.98], p 0.017`. */
export function associationText(found: Association | null): string {
  if (found === null || found.p === null) return correlationText(found);
  return `${correlationText(found)}, ${pText(found.p)}`;
}

/** `p 0.017`, `p < 0.001`; above the level of 5 % with as many digits as tell it from 0.05. */
export const pText = (p: number): string => {
  if (p < 0.001) return 'p < 0.001';
  return p.toFixed(3) === '0.050' && !isBeyondChance(p) ? `p ${p.toFixed(4)}` : `p ${p.toFixed(3)}`;
};
