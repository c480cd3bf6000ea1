import { InputError } from '../input-error.ts';
import { meanWithInterval } from '../statistics/student-interval.ts';

export interface PairedComparison {
  /** Mean of first minus second. */
  readonly difference: number;
  /** Student's interval of the paired differences, over episodes. */
  readonly ci95: readonly [number, number];
  readonly episodes: number;
}

/**
 * Compares two checkpoints on the same episodes. Their difficulty is common to both, so that the interval of the differences is
 * narrower than the two intervals suggest. Throws InputError for lists of different length or fewer than two episodes.
 */
export function comparePaired(first: ArrayLike<number>, second: ArrayLike<number>): PairedComparison {
  if (first.length !== second.length || first.length < 2)
    throw new InputError(
      `comparison: ${first.length} and ${second.length} episodes; both need the same list, of at least 2`,
    );
  const { value, ci95 } = meanWithInterval(
    Float64Array.from({ length: first.length }, (_, i) => first[i]! - second[i]!),
  );
  return { difference: value, ci95: ci95!, episodes: first.length };
}
