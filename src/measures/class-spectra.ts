import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { gramOfColumns, gramOfRows } from '../linear-algebra/gram.ts';
import { powerOfTwoScale } from '../linear-algebra/magnitude.ts';
import type { Embeddings } from './embeddings.ts';
import type { MeasureInputs } from './measure.ts';

/** Singular values of the N x d matrix of features and what its left singular vectors say of the classes. */
export interface ClassSpectrum {
  /** Eigenvalues of F'F (not divided by N) above rounding, the largest first; at most min(N, d). */
  readonly eigenvalues: Float64Array;
  /** [eigenvalues, classes]: u_k'y_c, u_k the left singular vector and y_c the class's indicator over examples. */
  readonly classProjections: Float64Array;
  /** Features that are not zero everywhere. */
  readonly liveFeatures: number;
  /** sum_i ||f_i||^4 of the same scaled features. */
  readonly sumOfFourthPowers: number;
}

/** Spectra of the features as they are and minus their mean over examples. */
export interface ClassSpectra {
  readonly uncentred: ClassSpectrum;
  readonly centred: ClassSpectrum;
  /** [examples, dimension]: the embeddings minus their mean, divided by `scale`. */
  readonly centredFeatures: Float64Array;
  /** A power of two: eigenvalues are those of the embeddings divided by it, so that squares neither overflow nor vanish. */
  readonly scale: number;
}

/**
 * Both in float64 from the Gram matrix of the smaller side, N x N or d x d. Eigenvalues below max(N, d) * epsilon of the largest
 * are rounding and are left out: none is left of features that are all zero, or all the same where centred.
 */
export function classSpectra(embeddings: Embeddings): ClassSpectra {
  const { values, dimension, labels } = embeddings;
  const scale = powerOfTwoScale(values);
  const features = new Float64Array(values);
  for (let i = 0; i < features.length; i++) features[i]! /= scale;
  const { centred, mean } = centre(features, dimension);
  const byRows = labels.length <= dimension;
  const covariance = byRows ? gramOfRows(centred, dimension) : gramOfColumns(centred, dimension);
  // F'F of the uncentred features is the centred one and N mean mean': nothing cancels, and no second product is needed.
  const whole = byRows
    ? gramOfRows(features, dimension)
    : covariance.map(
        (value, at) => value + labels.length * mean[at % dimension]! * mean[Math.floor(at / dimension)]!,
      );
  return {
    uncentred: spectrumOf(features, whole, embeddings),
    centred: spectrumOf(centred, covariance, embeddings),
    centredFeatures: centred,
    scale,
  };
}

/** The spectra of the embeddings that several measures are computed from, computed once. */
export const sharedSpectra = ({
  embeddings,
  once,
}: Pick<MeasureInputs, 'embeddings' | 'once'>): ClassSpectra =>
  once('spectra', () => classSpectra(embeddings));

function spectrumOf(
  features: Float64Array,
  gram: Float64Array,
  { dimension, labels, classNames }: Embeddings,
): ClassSpectrum {
  const classes = classNames.length;
  const examples = labels.length;
  const byRows = examples <= dimension;
  const side = byRows ? examples : dimension;
  const { values, vectors } = symmetricEigen(gram, side);
  const cutoff = Math.max(examples, dimension) * Number.EPSILON * (values[0] ?? 0);
  const eigenvalues = values.filter((value) => value > 0 && value > cutoff);
  const sums = byRows ? indicators(labels, classes) : classSums(features, dimension, labels, classes);
  const projections = new Float64Array(eigenvalues.length * classes);
  for (let k = 0; k < eigenvalues.length; k++) {
    const divisor = byRows ? 1 : Math.sqrt(eigenvalues[k]!);
    for (let c = 0; c < classes; c++) {
      let product = 0;
      for (let i = 0; i < side; i++) product += vectors.get(i, side - 1 - k) * sums[c * side + i]!;
      projections[k * classes + c] = product / divisor;
    }
  }
  return {
    eigenvalues,
    classProjections: projections,
    liveFeatures: liveFeatures(features, dimension),
    sumOfFourthPowers: fourthPowers(features, dimension),
  };
}

/** The mean is taken twice, so that a large offset leaves no rounding of its own; a constant feature becomes zero. */
function centre(features: Float64Array, dimension: number) {
  const examples = features.length / dimension;
  const centred = new Float64Array(features);
  const mean = new Float64Array(dimension);
  for (let pass = 0; pass < 2; pass++) {
    const residual = new Float64Array(dimension);
    for (let i = 0, k = 0; i < centred.length; i++, k = k + 1 === dimension ? 0 : k + 1)
      residual[k]! += centred[i]! / examples;
    for (let i = 0, k = 0; i < centred.length; i++, k = k + 1 === dimension ? 0 : k + 1)
      centred[i]! -= residual[k]!;
    for (let k = 0; k < dimension; k++) mean[k]! += residual[k]!;
  }
  for (let k = 0; k < dimension; k++) {
    let constant = true;
    for (let i = k; constant && i < features.length; i += dimension) constant = features[i] === features[k];
    if (constant) for (let i = k; i < features.length; i += dimension) centred[i] = 0;
  }
  return { centred, mean };
}

/** Eigenvalues, the largest first; the vectors stay in ml-matrix's ascending columns. */
function symmetricEigen(gram: Float64Array, side: number) {
  const rows = Array.from({ length: side }, (_, i) => gram.subarray(i * side, (i + 1) * side));
  const decomposition = new EigenvalueDecomposition(new Matrix(rows.map((row) => [...row])), {
    assumeSymmetric: true,
  });
  return {
    values: Float64Array.from(decomposition.realEigenvalues).reverse(),
    vectors: decomposition.eigenvectorMatrix,
  };
}

function indicators(labels: Int32Array, classes: number): Float64Array {
  const sums = new Float64Array(classes * labels.length);
  labels.forEach((label, i) => {
    sums[label * labels.length + i] = 1;
  });
  return sums;
}

function classSums(features: Float64Array, dimension: number, labels: Int32Array, classes: number) {
  const sums = new Float64Array(classes * dimension);
  labels.forEach((label, i) => {
    for (let k = 0; k < dimension; k++) sums[label * dimension + k]! += features[i * dimension + k]!;
  });
  return sums;
}

function fourthPowers(features: Float64Array, dimension: number): number {
  let total = 0;
  for (let at = 0; at < features.length; ) {
    let square = 0;
    for (let k = 0; k < dimension; k++) square += features[at++]! ** 2;
    total += square * square;
  }
  return total;
}

function liveFeatures(features: Float64Array, dimension: number): number {
  const live = new Set<number>();
  for (let i = 0; i < features.length && live.size < dimension; i++)
    if (features[i] !== 0) live.add(i % dimension);
  return live.size;
}
