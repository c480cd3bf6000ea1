import type { ReadoutOptionName, ReadoutOptions } from './readout-options.ts';

/** Labelled features that a readout is fitted on, and in whose units queries come. */
export interface Training {
  /** [examples, dimension], divided by `unit`. */
  readonly values: Float64Array;
  readonly dimension: number;
  /** 0 to ways - 1, one per example; each occurs. */
  readonly labels: Int32Array;
  readonly ways: number;
  /** What one unit of `values` is in the embeddings: penalties are given in units of the embeddings. */
  readonly unit: number;
}

export interface Classifier {
  /** The way of the query that stands in `values` from `start`; the first of equals. */
  decide(values: Float64Array, start: number): number;
  /** False where a fit ended before its minimum or has no solution. */
  readonly converged: boolean;
}

/** A way of classifying queries by labelled features: one file of this folder, and one row in readouts.ts; options have rows in readout-options.ts. */
export interface Readout {
  /** One sentence. */
  readonly meaning: string;
  /** The options that it reads. */
  readonly options: readonly ReadoutOptionName[];
  /** Tells how far a long fit is, as a share of 1, where it is asked to. */
  readonly fit: (training: Training, options: ReadoutOptions, tell?: (share: number) => void) => Classifier;
}

/** Index of the largest score; the first of equals. */
export function largest(scores: ArrayLike<number>): number {
  let best = 0;
  for (let c = 1; c < scores.length; c++) if (scores[c]! > scores[best]!) best = c;
  return best;
}
