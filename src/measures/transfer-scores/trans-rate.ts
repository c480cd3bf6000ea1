import { gramOfColumns, gramOfRows } from '../../linear-algebra/gram.ts';
import type { ClassSpectra } from '../class-spectra.ts';
import type { ClassStatistics } from '../class-statistics.ts';
import { type Measured, undefinedBecause } from '../measured.ts';

/**
 * TransRate, nat: R(Z) minus the mean over classes of R(Z_c), R(Z) = 1/2 log det(I + Z'Z / (n eps)), eps = 1e-4, Z the features
 * minus the mean of all (Huang et al. 2022), as `transrate` of tllib.ranking computes it. Not invariant to the features' scale.
 */
export function transRate(
  { centred, centredFeatures: features, scale }: ClassSpectra,
  labels: Int32Array,
  { counts, examples, dimension }: ClassStatistics,
): Measured {
  const factor = (scale / 1e-4) * scale;
  let rate = 0;
  for (const eigenvalue of centred.eigenvalues) rate += Math.log1p((factor * eigenvalue) / examples);
  let ofClasses = 0;
  for (let c = 0; c < counts.length; c++) {
    const rows = new Float64Array(counts[c]! * dimension);
    let at = 0;
    for (let i = 0; i < labels.length; i++) {
      if (labels[i] !== c) continue;
      rows.set(features.subarray(i * dimension, (i + 1) * dimension), at);
      at += dimension;
    }
    ofClasses += logDeterminant(rows, dimension, factor / counts[c]!);
  }
  const value = (rate - ofClasses / counts.length) / 2;
  return Number.isFinite(value)
    ? value
    : undefinedBecause('squares of the embeddings leave the range of float64');
}

/** log det(I + factor Z'Z), by Cholesky's decomposition of the smaller side. */
function logDeterminant(rows: Float64Array, columns: number, factor: number): number {
  const byRows = rows.length / columns <= columns;
  const side = byRows ? rows.length / columns : columns;
  const matrix = byRows ? gramOfRows(rows, columns) : gramOfColumns(rows, columns);
  for (let i = 0; i < matrix.length; i++) matrix[i]! *= factor;
  for (let i = 0; i < side; i++) matrix[i * side + i]! += 1;
  let logarithm = 0;
  for (let i = 0; i < side; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * side + j]!;
      for (let k = 0, a = i * side, b = j * side; k < j; k++) sum -= matrix[a++]! * matrix[b++]!;
      if (i === j) {
        logarithm += Math.log(sum);
        matrix[i * side + i] = Math.sqrt(sum);
      } else matrix[i * side + j] = sum / matrix[j * side + j]!;
    }
  return logarithm;
}
