import { coincidingMeans, squaredMeanDistances } from './class-distances.ts';
import { aroundMeanOfMeans } from './class-means.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import { type Measured, type Undefined, undefinedBecause } from './measured.ts';
import { addRowProducts } from './row-products.ts';

/**
 * Directional class-distance normalized variance of each ordered pair, [classes, classes], row-major, NaN on the diagonal:
 * u' Sigma_i u / ||mu_i - mu_j||^2 with u the unit vector from mu_i to mu_j and Sigma_i divided by n_i. Luthra, Salunkhe, Galanti
 * 2026 (arXiv 2603.03530).
 */
export function directionalMatrix(
  embeddings: Embeddings,
  statistics: ClassStatistics,
): Float64Array | Undefined {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const distances = squaredMeanDistances(statistics);
  const same = coincidingMeans(statistics, distances);
  if (same !== null) return undefinedBecause(`classes ${same[0]} and ${same[1]} have the same mean`);
  const { values, labels, dimension } = embeddings;
  const { means, counts } = statistics;
  const classes = counts.length;
  const { centred } = aroundMeanOfMeans(means, dimension);
  const sums = new Float64Array(classes * classes);
  const difference = new Float64Array(dimension);
  const along = new Float64Array(classes);
  for (let example = 0; example < labels.length; example++) {
    const own = labels[example]!;
    for (let k = 0; k < dimension; k++)
      difference[k] = values[example * dimension + k]! - means[own * dimension + k]!;
    along.fill(0);
    addRowProducts(along, difference, centred);
    for (let c = 0; c < classes; c++) sums[own * classes + c]! += (along[c]! - along[own]!) ** 2;
  }
  return sums.map((sum, at) => {
    const [i, j] = [Math.floor(at / classes), at % classes];
    return i === j ? Number.NaN : sum / counts[i]! / distances[at]! ** 2;
  });
}

/** Mean over ordered pairs of `directionalMatrix`. */
export function cdnvDirectional(matrix: Float64Array | Undefined): Measured {
  if (!(matrix instanceof Float64Array)) return matrix;
  const classes = Math.sqrt(matrix.length);
  const sum = matrix.reduce((total, value, at) => (at % (classes + 1) === 0 ? total : total + value), 0);
  return sum / (classes * (classes - 1));
}

/**
 * Bound of the error of the classifier by nearest means that are known: 4 (k-1) mean directional CDNV. An example of class i goes
 * to j only where u' (x - mu_i) > ||mu_i - mu_j|| / 2; Chebyshev's inequality. Never above the bound by CDNV.
 */
export function directionalBound(matrix: Float64Array | Undefined): Measured {
  const mean = cdnvDirectional(matrix);
  if (typeof mean !== 'number' || !(matrix instanceof Float64Array)) return mean;
  return 4 * (Math.sqrt(matrix.length) - 1) * mean;
}

/** The same by Cantelli's one-sided inequality: mean over i of min(1, sum_j V / (V + 1/4)), V the directional CDNV of i and j. */
export function cantelliBound(matrix: Float64Array | Undefined): Measured {
  if (!(matrix instanceof Float64Array)) return matrix;
  const classes = Math.sqrt(matrix.length);
  let total = 0;
  for (let i = 0; i < classes; i++) {
    let error = 0;
    for (let j = 0; j < classes; j++) {
      const variance = matrix[i * classes + j]!;
      if (i !== j) error += variance === Number.POSITIVE_INFINITY ? 1 : variance / (variance + 0.25);
    }
    total += Math.min(1, error) / classes;
  }
  return total;
}
