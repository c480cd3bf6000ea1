import type { ClassStatistics } from './class-statistics.ts';

/** Means closer than this, relative to their length, are the same: float64 sums of n terms leave about sqrt(n) 1e-16. */
export const sameMean = 1e-12;

/** ||mu_i - mu_j||^2, [classes, classes], row-major. */
export function squaredMeanDistances({ means, counts, dimension }: ClassStatistics): Float64Array {
  const classes = counts.length;
  const distances = new Float64Array(classes * classes);
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < i; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) sum += (means[i * dimension + k]! - means[j * dimension + k]!) ** 2;
      distances[i * classes + j] = sum;
      distances[j * classes + i] = sum;
    }
  return distances;
}

/** Largest ||mu_c||^2: the scale that rounding of the means is relative to. */
export function largestSquaredMean({ means, counts, dimension }: ClassStatistics): number {
  let largest = 0;
  for (let c = 0; c < counts.length; c++) {
    const mean = means.subarray(c * dimension, (c + 1) * dimension);
    largest = Math.max(
      largest,
      mean.reduce((sum, value) => sum + value * value, 0),
    );
  }
  return largest;
}

/** The first pair of classes whose means coincide, or null. */
export function coincidingMeans(
  statistics: ClassStatistics,
  distances: Float64Array,
): readonly [string, string] | null {
  const { classNames } = statistics;
  const classes = classNames.length;
  const threshold = sameMean ** 2 * largestSquaredMean(statistics);
  for (let i = 0; i < classes; i++)
    for (let j = i + 1; j < classes; j++)
      if (!(distances[i * classes + j]! > threshold)) return [classNames[i]!, classNames[j]!];
  return null;
}
