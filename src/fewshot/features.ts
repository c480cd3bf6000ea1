import { InputError } from '../input-error.ts';
import { powerOfTwoScale } from '../linear-algebra/magnitude.ts';
import { meanRow } from '../linear-algebra/mean-row.ts';
import { checkEmbeddings } from '../measures/class-statistics.ts';
import type { Embeddings } from '../measures/embeddings.ts';

/** What is done to features before a readout sees them. Off by default. */
export interface FeatureOptions {
  /** Subtracts a given mean, say of the source classes, or the mean of the labelled examples. */
  readonly centre?: 'none' | 'support' | Float32Array | Float64Array | undefined;
  /** Scales each feature vector, after centring, to length 1; a zero vector stays. */
  readonly normalize?: boolean | undefined;
}

/** Embeddings with those of augmented copies of every example, which then stand for it as a support. */
export interface SupportEmbeddings extends Embeddings {
  /** [examples, dimension] each, in the order of the examples. */
  readonly copies?: readonly (Float32Array | Float64Array)[] | undefined;
}

/** Features as readouts see them. */
export interface Features {
  /** [examples, dimension], divided by `unit`; those of the copies follow, copy by copy. */
  readonly values: Float64Array;
  /** A power of two, so that dividing by it loses no digit: squares neither overflow nor vanish. */
  readonly unit: number;
}

/**
 * Embeddings around a given mean and of length 1 where the options say so; around the support's mean they are put by
 * `aroundSupport`. Throws InputError for embeddings and a mean that are not finite, and for a mean of another dimension.
 */
export function placeFeatures(
  embeddings: SupportEmbeddings,
  { centre = 'none', normalize = false }: FeatureOptions = {},
): Features {
  checkEmbeddings(embeddings);
  const { dimension, copies = [] } = embeddings;
  for (const copy of copies) checkEmbeddings({ ...embeddings, values: copy });
  const values = new Float64Array(embeddings.values.length * (1 + copies.length));
  for (const [place, part] of [embeddings.values, ...copies].entries())
    values.set(part, place * embeddings.values.length);
  if (typeof centre !== 'string') {
    if (centre.length !== dimension)
      throw new InputError(
        `few-shot: base mean of ${centre.length} numbers for embeddings of dimension ${dimension}`,
      );
    checkBaseMean(centre, 'few-shot: base mean');
    for (let at = 0; at < values.length; at++) values[at]! -= centre[at % dimension]!;
  }
  const unit = powerOfTwoScale(values);
  for (let at = 0; at < values.length; at++) values[at]! /= unit;
  if (centre === 'support' || !normalize) return { values, unit };
  normalizeRows(values, dimension);
  return { values, unit: 1 };
}

/** Around a mean that is not finite all features are NaN, and every readout is at chance. Throws InputError. */
export function checkBaseMean(mean: Float32Array | Float64Array, where: string): void {
  const wrong = mean.findIndex((value) => !Number.isFinite(value));
  if (wrong !== -1)
    throw new InputError(`${where}: ${mean[wrong]} at dimension ${wrong}; only finite numbers are allowed`);
}

/**
 * Moves training and test features, in place, around the mean of the training features, and scales them to length 1 where
 * asked; returns their new unit.
 */
export function aroundSupport(
  training: Float64Array,
  test: Float64Array,
  dimension: number,
  unit: number,
  normalize: boolean,
): number {
  const mean = meanRow(training, dimension);
  for (const values of [training, test]) {
    for (let at = 0; at < values.length; at++) values[at]! -= mean[at % dimension]!;
    if (normalize) normalizeRows(values, dimension);
  }
  return normalize ? 1 : unit;
}

function normalizeRows(values: Float64Array, dimension: number): void {
  for (let start = 0; start < values.length; start += dimension) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += values[start + k]! ** 2;
    const length = Math.sqrt(square);
    if (length > 0) for (let k = 0; k < dimension; k++) values[start + k]! /= length;
  }
}

/** The rows of features that stand for supports: the examples themselves, or all their copies, copy by copy. */
export function supportRows(
  { labels, copies = [] }: SupportEmbeddings,
  examples: Int32Array,
): { readonly rows: Int32Array; readonly times: number } {
  if (copies.length === 0) return { rows: examples, times: 1 };
  const rows = new Int32Array(examples.length * copies.length);
  for (let copy = 0; copy < copies.length; copy++)
    rows.set(
      examples.map((example) => example + labels.length * (copy + 1)),
      copy * examples.length,
    );
  return { rows, times: copies.length };
}

/** The rows of [n, dimension] at the indices, one after another. */
export function takeRows(values: Float64Array, dimension: number, indices: ArrayLike<number>): Float64Array {
  const rows = new Float64Array(indices.length * dimension);
  for (let i = 0; i < indices.length; i++)
    rows.set(values.subarray(indices[i]! * dimension, (indices[i]! + 1) * dimension), i * dimension);
  return rows;
}
