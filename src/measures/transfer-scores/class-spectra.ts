import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { type ClassStatistics, tooFew } from '../class-statistics.ts';
import type { Embeddings } from '../embeddings.ts';
import { type Undefined, undefinedBecause } from '../quantity.ts';

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

/** Spectra of the features as they are and minus their mean over examples, or why one has none. */
export interface ClassSpectra {
  readonly uncentred: ClassSpectrum | Undefined;
  readonly centred: ClassSpectrum | Undefined;
  /** [examples, dimension]: the embeddings minus their mean, divided by `scale`. */
  readonly centredFeatures: Float64Array;
  /** A power of two: eigenvalues are those of the embeddings divided by it, so that squares neither overflow nor vanish. */
  readonly scale: number;
}

/**
 * Both in float64 from the Gram matrix of the smaller side, N x N or d x d. Eigenvalues below max(N, d) * epsilon of the largest
 * are rounding and are left out. Undefined: an empty class, features that are all the same where centred, all zero where not.
 */
export function classSpectra(embeddings: Embeddings, statistics: ClassStatistics): ClassSpectra {
  const { values, dimension, labels } = embeddings;
  const largest = largestMagnitude(values);
  const scale = largest === 0 ? 1 : 2 ** Math.max(-1022, Math.floor(Math.log2(largest)));
  const features = Float64Array.from(values, (value) => value / scale);
  const { centred, mean } = centre(features, dimension);
  const byRows = labels.length <= dimension;
  const few = tooFew(statistics, 1);
  if (few !== null) return { uncentred: few, centred: few, centredFeatures: centred, scale };
  const covariance = byRows ? gramOfRows(centred, dimension) : gramOfColumns(centred, dimension);
  const spectrum = (rows: Float64Array, gram: () => Float64Array, empty: string) =>
    largestMagnitude(rows) === 0
      ? undefinedBecause(empty)
      : spectrumOf(rows, gram(), embeddings, statistics.counts.length);
  // F'F of the uncentred features is the centred one and N mean mean': nothing cancels, and no second product is needed.
  const second = () =>
    byRows
      ? gramOfRows(features, dimension)
      : covariance.map(
          (value, at) => value + labels.length * mean[at % dimension]! * mean[Math.floor(at / dimension)]!,
        );
  return {
    uncentred: spectrum(features, second, 'all embeddings are zero'),
    centred: spectrum(centred, () => covariance, 'all embeddings are the same'),
    centredFeatures: centred,
    scale,
  };
}

function spectrumOf(
  features: Float64Array,
  gram: Float64Array,
  { dimension, labels }: Embeddings,
  classes: number,
): ClassSpectrum {
  const examples = labels.length;
  const byRows = examples <= dimension;
  const side = byRows ? examples : dimension;
  const { values, vectors } = symmetricEigen(gram, side);
  const cutoff = Math.max(examples, dimension) * Number.EPSILON * values[0]!;
  const eigenvalues = values.filter((value) => value > cutoff);
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
  const centred = Float64Array.from(features);
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

/** F F', [rows, rows]. */
export function gramOfRows(features: Float64Array, columns: number): Float64Array {
  const rows = features.length / columns;
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0, a = i * columns, b = j * columns; k < columns; k++)
        sum += features[a++]! * features[b++]!;
      gram[i * rows + j] = sum;
      gram[j * rows + i] = sum;
    }
  return gram;
}

/** F'F, [columns, columns]: four rows per pass over the matrix. */
export function gramOfColumns(features: Float64Array, columns: number): Float64Array {
  const rows = features.length / columns;
  const padded = 4 * Math.ceil(rows / 4) * columns;
  const gram = new Float64Array(columns * columns);
  const four = new Float64Array(4 * columns);
  for (let at = 0; at < padded; at += 4 * columns) {
    four.fill(0);
    four.set(features.subarray(at, Math.min(at + 4 * columns, features.length)));
    for (let i = 0; i < columns; i++) {
      const a = four[i]!;
      const b = four[columns + i]!;
      const c = four[2 * columns + i]!;
      const d = four[3 * columns + i]!;
      if (a === 0 && b === 0 && c === 0 && d === 0) continue;
      for (let j = 0, out = i * columns; j <= i; j++, out++)
        gram[out]! +=
          a * four[j]! + b * four[columns + j]! + (c * four[2 * columns + j]! + d * four[3 * columns + j]!);
    }
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) gram[j * columns + i] = gram[i * columns + j]!;
  return gram;
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

const largestMagnitude = (values: Float32Array | Float64Array): number => {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
};
