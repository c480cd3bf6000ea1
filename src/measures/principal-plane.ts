import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { gramOfColumns, gramOfRows } from '../linear-algebra/gram.ts';
import { classSpectra } from './class-spectra.ts';
import type { Embeddings } from './embeddings.ts';

/** The embeddings seen along their two principal components. */
export interface PrincipalPlane {
  /** [examples, 2]: scores, in the embeddings' units. */
  readonly points: Float64Array;
  /** Of the total variance, by each of the two; zeros where all embeddings are the same. */
  readonly shares: readonly [number, number];
  /** Eigenvalues of the covariance (centred, divided by N), the largest first; those of rounding are left out. */
  readonly variances: Float64Array;
}

/**
 * Principal component analysis in float64 (Hotelling 1933), from the Gram matrix of the smaller side. A component's sign makes its
 * entry of the largest magnitude positive, as scikit-learn's `svd_flip` does.
 */
export function principalPlane(embeddings: Embeddings): PrincipalPlane {
  const { dimension, labels } = embeddings;
  const examples = labels.length;
  const { centredFeatures, centred, scale } = classSpectra(embeddings);
  const variances = centred.eigenvalues.map((value) => (value / examples) * scale ** 2);
  const total = centred.eigenvalues.reduce((sum, value) => sum + value, 0);
  const points = new Float64Array(examples * 2);
  const directions = leadingDirections(centredFeatures, dimension, Math.min(2, variances.length));
  for (const [k, direction] of directions.entries())
    for (let example = 0; example < examples; example++) {
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += centredFeatures[example * dimension + i]! * direction[i]!;
      points[example * 2 + k] = sum * scale;
    }
  const share = (k: number): number => (total > 0 ? (centred.eigenvalues[k] ?? 0) / total : 0);
  return { points, shares: [share(0), share(1)], variances };
}

/** Unit eigenvectors of F'F, the largest eigenvalue first. */
function leadingDirections(features: Float64Array, dimension: number, count: number): Float64Array[] {
  const examples = features.length / dimension;
  const byRows = examples <= dimension;
  const side = byRows ? examples : dimension;
  const gram = byRows ? gramOfRows(features, dimension) : gramOfColumns(features, dimension);
  const rows = Array.from({ length: side }, (_, i) => [...gram.subarray(i * side, (i + 1) * side)]);
  const { eigenvectorMatrix } = new EigenvalueDecomposition(new Matrix(rows), { assumeSymmetric: true });
  return Array.from({ length: count }, (_, k) => {
    const vector = Float64Array.from({ length: side }, (__, i) => eigenvectorMatrix.get(i, side - 1 - k));
    return unit(byRows ? timesRows(vector, features, dimension) : vector);
  });
}

function timesRows(weights: Float64Array, features: Float64Array, dimension: number): Float64Array {
  const sum = new Float64Array(dimension);
  for (const [example, weight] of weights.entries())
    for (let i = 0; i < dimension; i++) sum[i]! += weight * features[example * dimension + i]!;
  return sum;
}

function unit(vector: Float64Array): Float64Array {
  const largest = vector.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a), 0);
  const length = Math.hypot(...vector) * (largest < 0 ? -1 : 1);
  return vector.map((value) => value / length);
}
