import { InputError } from '../input-error.ts';
import type { Embeddings } from './embeddings.ts';
import { type Undefined, undefinedBecause } from './measured.ts';

/** First and second moments of each class, in float64. */
export interface ClassStatistics {
  readonly classNames: readonly string[];
  readonly dimension: number;
  readonly examples: number;
  /** Examples of each class. */
  readonly counts: Int32Array;
  /** [classes, dimension]; NaN for a class without examples. */
  readonly means: Float64Array;
  /** Mean of ||x - mean||^2 over the class's examples (divided by n, not n - 1); NaN for a class without examples. */
  readonly variances: Float64Array;
}

/**
 * Class means and variances in two passes over the examples: sums first, then squares of what is left after the mean, with
 * the residual sum as correction (Chan, Golub, LeVeque 1983, eq. 1.7). E||x||^2 - ||mean||^2 in one pass would lose all digits
 * close to full collapse; Welford's update would not, but divides once an example and value, and embeddings are kept on the
 * host for the few-shot episodes anyway. Throws InputError: shapes that do not match, labels out of range, values not finite.
 */
export function classStatistics(embeddings: Embeddings): ClassStatistics {
  checkEmbeddings(embeddings);
  const { values, dimension, labels, classNames } = embeddings;
  const classes = classNames.length;
  const counts = new Int32Array(classes);
  const means = new Float64Array(classes * dimension);
  for (let example = 0, at = 0; example < labels.length; example++) {
    const row = labels[example]! * dimension;
    counts[labels[example]!]! += 1;
    for (let k = 0; k < dimension; k++) means[row + k]! += values[at++]!;
  }
  for (let i = 0; i < means.length; i++) means[i]! /= counts[Math.floor(i / dimension)]!;

  const residuals = new Float64Array(classes * dimension);
  const variances = new Float64Array(classes);
  for (let example = 0, at = 0; example < labels.length; example++) {
    const row = labels[example]! * dimension;
    let squares = 0;
    for (let k = 0; k < dimension; k++) {
      const difference = values[at++]! - means[row + k]!;
      residuals[row + k]! += difference;
      squares += difference * difference;
    }
    variances[labels[example]!]! += squares;
  }
  for (let c = 0; c < classes; c++) {
    const count = counts[c]!;
    let correction = 0;
    for (let i = c * dimension; i < (c + 1) * dimension; i++) {
      correction += residuals[i]! ** 2 / count;
      means[i]! += residuals[i]! / count;
    }
    variances[c] = Math.max(0, variances[c]! - correction) / count;
    if (count === 0) variances[c] = Number.NaN;
  }
  return { classNames, dimension, examples: labels.length, counts, means, variances };
}

/** Throws InputError for shapes that do not match, labels that are no class, and values that are not finite. */
export function checkEmbeddings({ values, dimension, labels, classNames }: Embeddings): void {
  if (!Number.isInteger(dimension) || dimension < 1 || values.length !== labels.length * dimension)
    throw new InputError(
      `embeddings: ${values.length} values for ${labels.length} labels of dimension ${dimension}; expected ${labels.length * dimension}`,
    );
  const stray = labels.findIndex((label) => !(label >= 0 && label < classNames.length));
  if (stray >= 0)
    throw new InputError(
      `embeddings: label ${labels[stray]} at example ${stray}; allowed are 0 to ${classNames.length - 1}`,
    );
  for (let i = 0; i < values.length; i++)
    if (!Number.isFinite(values[i]))
      throw new InputError(
        `embeddings: ${values[i]} at example ${Math.floor(i / dimension)}, dimension ${i % dimension}; only finite numbers are allowed`,
      );
}

/** Why a quantity that needs so many examples of each of at least two classes is undefined; null where it is not. */
export function tooFew(
  { counts, classNames }: Pick<ClassStatistics, 'counts' | 'classNames'>,
  examplesPerClass: number,
): Undefined | null {
  if (counts.length < 2) return undefinedBecause(`${counts.length} class; at least 2 are needed`);
  const short = [...counts.keys()].filter((c) => counts[c]! < examplesPerClass);
  if (short.length === 0) return null;
  const first = short[0]!;
  const more = short.length > 1 ? ` (and ${short.length - 1} more such classes)` : '';
  return undefinedBecause(
    `class ${classNames[first]} has ${counts[first]} examples; at least ${examplesPerClass} are needed${more}`,
  );
}
