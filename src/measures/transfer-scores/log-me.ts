import type { ClassSpectrum } from '../class-spectra.ts';
import type { ClassStatistics } from '../class-statistics.ts';
import { type Measured, undefinedBecause } from '../measured.ts';

/**
 * LogME, nat per example: the mean over classes of the maximum evidence of a Bayesian linear regression of the class's indicator on
 * the features (You, Liu, Wang, Long 2021; the fixed point of arXiv 2110.10545). `spectrum` is of the uncentred features. As
 * `LogME.fit` of thuml/LogME computes it: at most 11 steps, 1e-5 beside each squared norm, and the determinant over min(N, d)
 * singular values alone, without those of features that are zero everywhere.
 */
export function logMe(
  spectrum: ClassSpectrum,
  scale: number,
  { counts, examples, dimension }: ClassStatistics,
): Measured {
  const { eigenvalues, classProjections, liveFeatures } = spectrum;
  const classes = counts.length;
  const sigma = eigenvalues.map((value) => value * scale * scale);
  if (!(sigma[sigma.length - 1]! > 0 && sigma[0]! < Infinity))
    return undefinedBecause('squares of the embeddings leave the range of float64');
  const zeros = (examples > dimension ? liveFeatures : examples) - sigma.length;
  let sum = 0;
  for (let c = 0; c < classes; c++) {
    const squares = sigma.map((_, k) => classProjections[k * classes + c]! ** 2);
    sum += evidence(sigma, zeros, squares, counts[c]!, examples, dimension);
  }
  return Number.isFinite(sum) ? sum / classes : undefinedBecause('the evidence leaves the range of float64');
}

const beside = 1e-5;

/** `zeros` more singular values are zero; `squares` are those of the indicator's components, `norm` its squared norm. */
function evidence(
  sigma: Float64Array,
  zeros: number,
  squares: Float64Array,
  norm: number,
  examples: number,
  dimension: number,
): number {
  const outside = norm - total(squares, (square) => square);
  let alpha = 1;
  let beta = 1;
  let weights = 0;
  let residual = 0;
  for (let step = 0; step < 11; step++) {
    const ratio = alpha / beta;
    const effective = total(sigma, (value) => value / (value + ratio));
    weights = total(sigma, (value, k) => (value * squares[k]!) / (ratio + value) ** 2);
    residual = total(squares, (square, k) => square / (1 + sigma[k]! / ratio) ** 2) + outside;
    alpha = effective / (weights + beside);
    beta = (examples - effective) / (residual + beside);
    if (Math.abs(alpha / beta - ratio) / ratio <= 1e-3) break;
  }
  const determinant = zeros * Math.log(alpha) + total(sigma, (value) => Math.log(alpha + beta * value));
  const value =
    dimension * Math.log(alpha) +
    examples * Math.log(beta) -
    determinant -
    beta * residual -
    alpha * weights -
    examples * Math.log(2 * Math.PI);
  return value / 2 / examples;
}

function total(values: Float64Array, term: (value: number, k: number) => number): number {
  let sum = 0;
  for (let k = 0; k < values.length; k++) sum += term(values[k]!, k);
  return sum;
}
