import type { ClassSpectrum } from '../class-spectra.ts';
import type { ClassStatistics } from '../class-statistics.ts';
import type { Measured } from '../measured.ts';

/**
 * H-score, tr(pinv(cov f) cov E[f|y]), from 0 to classes - 1 (Bao et al. 2019). With the left singular vectors u_k of the
 * centred features it is sum_k sum_c (u_k'y_c)^2 / n_c: how much of the classes' indicators the features span.
 */
export function hScore(
  { eigenvalues, classProjections }: ClassSpectrum,
  { counts }: ClassStatistics,
): Measured {
  let sum = 0;
  for (let k = 0; k < eigenvalues.length; k++) sum += between(classProjections, counts, k);
  return sum;
}

/**
 * H-score with the covariance shrunk as Ledoit and Wolf 2004 have it (Ibrahim, Ponomareva, Mazumder 2021), as
 * `regularized_h_score` of tllib.ranking computes it: (1 - a) tr(cov_a^-1 cov E[f|y]), the first covariance divided by N and the
 * second by N - 1.
 */
export function hScoreRegularized(spectrum: ClassSpectrum, statistics: ClassStatistics): Measured {
  const { eigenvalues, classProjections } = spectrum;
  const { counts, examples } = statistics;
  const { shrinkage, meanVariance } = ledoitWolf(spectrum, statistics);
  let sum = 0;
  eigenvalues.forEach((value, k) => {
    const numerator = (value * between(classProjections, counts, k)) / (examples - 1);
    sum += numerator / ((1 - shrinkage) * (value / examples) + shrinkage * meanVariance);
  });
  return (1 - shrinkage) * sum;
}

/** Shrinkage of the covariance (divided by N) towards its mean variance times the identity, of the scaled features. */
function ledoitWolf(
  { eigenvalues, sumOfFourthPowers }: ClassSpectrum,
  { examples, dimension }: ClassStatistics,
): { readonly shrinkage: number; readonly meanVariance: number } {
  let trace = 0;
  let squares = 0;
  for (const eigenvalue of eigenvalues) {
    trace += eigenvalue / examples;
    squares += (eigenvalue / examples) ** 2;
  }
  const distance = (squares - trace ** 2 / dimension) / dimension;
  const error = (sumOfFourthPowers / examples - squares) / (dimension * examples);
  const shrinkage = Math.min(error, distance) <= 0 ? 0 : Math.min(error, distance) / distance;
  return { shrinkage, meanVariance: trace / dimension };
}

/** sum_c (u_k'y_c)^2 / n_c. */
function between(projections: Float64Array, counts: Int32Array, k: number): number {
  let sum = 0;
  for (let c = 0; c < counts.length; c++) sum += projections[k * counts.length + c]! ** 2 / counts[c]!;
  return sum;
}
