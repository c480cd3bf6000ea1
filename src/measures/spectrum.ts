import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { Embeddings } from './embeddings.ts';
import { type Quantity, undefinedBecause } from './quantity.ts';

/** Eigenvalues of Gram matrices of the embeddings' smaller side, the largest first. */
export interface Spectrum {
  /** Singular values of the uncentred [N, d] matrix, min(N, d) of them. */
  readonly singularValues: Float64Array;
  /** Eigenvalues of the covariance (centred, divided by N), min(N, d) of them. */
  readonly variances: Float64Array;
}

/** In float64. Embeddings are scaled first, so that squares neither overflow nor vanish. */
export function spectrumOf({ values, labels, dimension }: Embeddings): Spectrum {
  const examples = labels.length;
  let size = 0;
  for (const value of values) size = Math.max(size, Math.abs(value));
  const scale = size === 0 ? 1 : 2 ** Math.max(-1000, Math.floor(Math.log2(size)));
  const rows = Float64Array.from(values, (value) => value / scale);
  const mean = new Float64Array(dimension);
  for (let at = 0; at < rows.length; at++) mean[at % dimension]! += rows[at]! / examples;
  const centred = rows.map((value, at) => value - mean[at % dimension]!);
  const isTall = examples >= dimension;
  const covariance = gram(centred, dimension, isTall);
  // The uncentred matrix of the d x d side is the centred one and N mu mu': nothing cancels.
  const whole = isTall
    ? covariance.map(
        (value, at) => value + examples * mean[at % dimension]! * mean[Math.floor(at / dimension)]!,
      )
    : gram(rows, dimension, false);
  return {
    singularValues: eigenvalues(whole).map((value) => scale * Math.sqrt(value)),
    variances: eigenvalues(covariance).map((value) => (scale * scale * value) / examples),
  };
}

/** X'X [d, d], or X X' [N, N]. */
function gram(rows: Float64Array, dimension: number, columns: boolean): Float64Array {
  const examples = rows.length / dimension;
  const side = columns ? dimension : examples;
  const out = new Float64Array(side * side);
  if (columns)
    for (let example = 0; example < examples; example++) {
      const start = example * dimension;
      for (let i = 0; i < dimension; i++) {
        const factor = rows[start + i]!;
        if (factor === 0) continue;
        for (let j = 0, to = i * side; j <= i; j++) out[to++]! += factor * rows[start + j]!;
      }
    }
  else
    for (let i = 0; i < side; i++)
      for (let j = 0; j <= i; j++) {
        let sum = 0;
        for (let k = 0; k < dimension; k++) sum += rows[i * dimension + k]! * rows[j * dimension + k]!;
        out[i * side + j] = sum;
      }
  for (let i = 0; i < side; i++) for (let j = 0; j < i; j++) out[j * side + i] = out[i * side + j]!;
  return out;
}

function eigenvalues(matrix: Float64Array): Float64Array {
  const side = Math.sqrt(matrix.length);
  const { realEigenvalues } = new EigenvalueDecomposition(Matrix.from1DArray(side, side, matrix), {
    assumeSymmetric: true,
  });
  return Float64Array.from(realEigenvalues, (value) => Math.max(0, value)).sort((a, b) => b - a);
}

/** exp of the entropy of p = s / sum s + 1e-7, s the singular values of the uncentred embeddings (Garrido et al. 2023). */
export function rankMe({ singularValues }: Spectrum): Quantity {
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
export function participationRatio({ variances }: Spectrum): Quantity {
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
export function spectrumExponent({ variances }: Spectrum): Quantity {
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
