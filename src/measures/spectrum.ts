import type { ClassSpectra } from './class-spectra.ts';
import type { ClassStatistics } from './class-statistics.ts';
import { type Measured, undefinedBecause } from './measured.ts';

/** Of all embeddings, the largest first, as multiples of the largest magnitude's power of two; zeros fill up to min(N, d). */
export interface Spectrum {
  /** Singular values of the uncentred [N, d] matrix. */
  readonly singularValues: Float64Array;
  /** Eigenvalues of the covariance (centred, divided by N). */
  readonly variances: Float64Array;
}

/** Measures of the spectrum's shape: none of them depends on the scale. */
export function spectrumOf(
  { uncentred, centred }: ClassSpectra,
  { examples, dimension }: Pick<ClassStatistics, 'examples' | 'dimension'>,
): Spectrum {
  const filled = (values: Float64Array): Float64Array => {
    const all = new Float64Array(Math.min(examples, dimension));
    all.set(values);
    return all;
  };
  return {
    singularValues: filled(uncentred.eigenvalues.map(Math.sqrt)),
    variances: filled(centred.eigenvalues.map((value) => value / examples)),
  };
}

/** exp of the entropy of p = s / sum s + 1e-7, s the singular values of the uncentred embeddings (Garrido et al. 2023). */
export function rankMe({ singularValues }: Spectrum): Measured {
  const total = singularValues.reduce((sum, value) => sum + value, 0);
  if (!(total > 0)) return undefinedBecause('all embeddings are zero');
  let entropy = 0;
  for (const value of singularValues) {
    const share = value / total + 1e-7;
    entropy -= share * Math.log(share);
  }
  return Math.exp(entropy);
}

/** (sum l)^2 / sum l^2 over the eigenvalues of the covariance. */
export function participationRatio({ variances }: Spectrum): Measured {
  const largest = variances[0] ?? 0;
  if (!(largest > 0)) return undefinedBecause('all embeddings are the same');
  let sum = 0;
  let squares = 0;
  for (const value of variances) {
    sum += value / largest;
    squares += (value / largest) ** 2;
  }
  return (sum * sum) / squares;
}

/** Ranks that the power law is fitted over, counted from 1: the first two follow the class means, the last are noise. */
export const firstRank = 3;
export const lastRank = 100;

/**
 * Slope of log eigenvalue against log rank by least squares, over ranks 3 to 100, or as many as are above 1e-10 of the largest
 * (Agrawal et al. 2022, alpha-ReQ, whose alpha is minus this).
 */
export function spectrumExponent({ variances }: Spectrum): Measured {
  const largest = variances[0] ?? 0;
  const usable = variances.filter((value) => value > 1e-10 * largest).length;
  const last = Math.min(lastRank, usable);
  if (last - firstRank < 2)
    return undefinedBecause(
      `the covariance has ${usable} eigenvalues; ranks ${firstRank} to 5 at least are needed`,
    );
  const ranks = Array.from({ length: last - firstRank + 1 }, (_, i) => firstRank + i);
  const x = ranks.map(Math.log);
  const y = ranks.map((rank) => Math.log(variances[rank - 1]!));
  const [meanX, meanY] = [x, y].map((list) => list.reduce((sum, value) => sum + value, 0) / list.length) as [
    number,
    number,
  ];
  const cross = x.reduce((sum, value, i) => sum + (value - meanX) * (y[i]! - meanY), 0);
  return cross / x.reduce((sum, value) => sum + (value - meanX) ** 2, 0);
}
