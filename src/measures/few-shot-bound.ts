import { coincidingMeans, squaredMeanDistances } from './class-distances.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import { type Measured, type Undefined, undefinedBecause } from './measured.ts';

/** Supports per class that the bound is shown for: the fewest that its theorem covers. */
export const boundShots = 10;

/**
 * Bound of the expected error of the nearest-mean classifier from m supports per class (Luthra, Salunkhe, Galanti 2026, theorem 4.1;
 * its terms as in the authors' code, DLFundamentals/directional_cdnv_bounds): the mean over i of the sum over j != i of
 *
 *     (4 Vd_ij + (sqrt E1 + sqrt E2 + sqrt E3)^2) / (1 + (v_j - v_i) / (m d^2))^2,
 *     E1 = 4/m (V^2 + V/4), E2 = V/m, E3 = (T + 2 (m-1) V^2) / m^3,
 *     V = (v_i + v_j) / d^2, T = (E_i ||f - mu_i||^4 + E_j ||f - mu_j||^4) / d^4,
 *
 * d the distance of two means, v_c = Var_c, Vd the directional CDNV. Moments are divided by n, as everywhere here. `directional` is
 * `directionalMatrix`. Undefined for m below 10, and where a margin's mean is not positive.
 */
export function fewShotBound(
  embeddings: Embeddings,
  statistics: ClassStatistics,
  directional: Float64Array | Undefined,
  shots = boundShots,
): Measured {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  if (!(directional instanceof Float64Array)) return directional;
  if (shots < 10) return undefinedBecause(`the theorem is about 10 supports per class or more, not ${shots}`);
  const { classNames, variances } = statistics;
  const classes = classNames.length;
  const distances = squaredMeanDistances(statistics);
  const same = coincidingMeans(statistics, distances);
  if (same !== null) return undefinedBecause(`classes ${same[0]} and ${same[1]} have the same mean`);
  const fourth = fourthMoments(embeddings, statistics);
  let sum = 0;
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < classes; j++) {
      if (i === j) continue;
      const square = distances[i * classes + j]!;
      const margin = 1 + (variances[j]! - variances[i]!) / square / shots;
      if (!(margin > 0))
        return undefinedBecause(
          `the mean margin of ${classNames[i]} against ${classNames[j]} is not positive with ${shots} supports`,
        );
      const v = variances[i]! / square + variances[j]! / square;
      const tails = fourth[i]! / square / square + fourth[j]! / square / square;
      const corrections =
        Math.sqrt((4 / shots) * (v * v + v / 4)) +
        Math.sqrt(v / shots) +
        Math.sqrt((tails + 2 * (shots - 1) * v * v) / shots ** 3);
      sum += (4 * directional[i * classes + j]! + corrections ** 2) / margin ** 2;
    }
  return sum / classes;
}

/** E||f - mu_c||^4 of each class. */
function fourthMoments(
  { values, labels, dimension }: Embeddings,
  { means, counts }: ClassStatistics,
): Float64Array {
  const moments = new Float64Array(counts.length);
  for (let example = 0, at = 0; example < labels.length; example++) {
    const label = labels[example]!;
    let square = 0;
    for (let k = 0; k < dimension; k++) square += (values[at++]! - means[label * dimension + k]!) ** 2;
    moments[label]! += (square * square) / counts[label]!;
  }
  return moments;
}
