import { InputError } from '../input-error.ts';
import { coincidingMeans, squaredMeanDistances } from './class-distances.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import { type Measured, type Undefined, undefinedBecause } from './measured.ts';

export interface PairOptions {
  /** `two`: (s_i + s_j) / (2 d_ij), symmetric. `one`: s_i / d_ij; its mean over i != j is the same number. */
  readonly sides?: 'two' | 'one';
}

export interface CdnvOptions extends PairOptions {
  /**
   * Removes the bias of finite samples: variances divided by n - 1, and from each squared distance of sample means what
   * their own errors add, s_i^2/n_i + s_j^2/n_j. Undefined where a corrected distance is not positive.
   */
  readonly biasCorrected?: boolean;
}

/**
 * Class-distance normalized variance of each pair, [classes, classes], row-major, NaN on the diagonal:
 * (Var_i + Var_j) / (2 ||mu_i - mu_j||^2). Galanti, Gyorgy, Hutter 2022 (arXiv 2112.15121), definition 1.
 */
export function cdnvMatrix(
  statistics: ClassStatistics,
  { sides = 'two', biasCorrected = false }: CdnvOptions = {},
): Float64Array | Undefined {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const { variances, counts, classNames } = statistics;
  if (!biasCorrected) return pairMatrix(statistics, variances, { sides });
  const classes = counts.length;
  const unbiased = variances.map((variance, c) => (variance * counts[c]!) / (counts[c]! - 1));
  const distances = squaredMeanDistances(statistics);
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      if (i === j) continue;
      distances[i * classes + j]! -= unbiased[i]! / counts[i]! + unbiased[j]! / counts[j]!;
      if (!(distances[i * classes + j]! > 0))
        return undefinedBecause(
          `the means of ${classNames[i]} and ${classNames[j]} are closer than their sampling error`,
        );
    }
  return ratios(unbiased, distances, sides);
}

/** Mean over i != j of `cdnvMatrix`. */
export const cdnv = (statistics: ClassStatistics, options: CdnvOptions = {}): Measured =>
  offDiagonalMean(cdnvMatrix(statistics, options));

/**
 * (GC_i + GC_j) / (2 ||mu_i - mu_j||^2) of each pair, NaN on the diagonal, with GC_c the geometric complexity over class c.
 * After Munn, Dherin, Gonzalvo 2024 (arXiv 2405.15706); the pairwise form is a reconstruction (docs/neural-collapse.md).
 * Throws InputError for a number of classes that does not match and for complexities that are negative or not finite.
 */
export function geometricCollapseMatrix(
  perClass: readonly (number | null)[],
  statistics: ClassStatistics,
  options: PairOptions = {},
): Float64Array | Undefined {
  const { classNames } = statistics;
  if (perClass.length !== classNames.length)
    throw new InputError(
      `geometric complexity of ${perClass.length} classes given for embeddings of ${classNames.length}`,
    );
  const wrong = perClass.findIndex((value) => value !== null && !(value >= 0 && value < Infinity));
  if (wrong >= 0)
    throw new InputError(
      `geometric complexity of class ${classNames[wrong]} is ${perClass[wrong]}; allowed are finite numbers from 0`,
    );
  const few = tooFew(statistics, 1);
  if (few !== null) return few;
  const missing = perClass.indexOf(null);
  if (missing >= 0)
    return undefinedBecause(`the geometric complexity of class ${classNames[missing]} is unknown`);
  return pairMatrix(statistics, Float64Array.from(perClass as readonly number[]), options);
}

/** Mean over i != j of `geometricCollapseMatrix`. */
export const geometricCollapse = (
  perClass: readonly (number | null)[],
  statistics: ClassStatistics,
): Measured => offDiagonalMean(geometricCollapseMatrix(perClass, statistics));

function pairMatrix(
  statistics: ClassStatistics,
  spreads: Float64Array,
  { sides = 'two' }: PairOptions,
): Float64Array | Undefined {
  const distances = squaredMeanDistances(statistics);
  const same = coincidingMeans(statistics, distances);
  if (same !== null) return undefinedBecause(`classes ${same[0]} and ${same[1]} have the same mean`);
  return ratios(spreads, distances, sides);
}

function ratios(spreads: Float64Array, distances: Float64Array, sides: 'one' | 'two'): Float64Array {
  const classes = spreads.length;
  return distances.map((distance, at) => {
    const i = Math.floor(at / classes);
    const j = at % classes;
    if (i === j) return Number.NaN;
    return (sides === 'one' ? spreads[i]! : (spreads[i]! + spreads[j]!) / 2) / distance;
  });
}

function offDiagonalMean(matrix: Float64Array | Undefined): Measured {
  if (!(matrix instanceof Float64Array)) return matrix;
  const classes = Math.sqrt(matrix.length);
  let sum = 0;
  matrix.forEach((value, at) => {
    if (at % (classes + 1) !== 0) sum += value;
  });
  return sum / (classes * (classes - 1));
}
