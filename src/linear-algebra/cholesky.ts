/**
 * Lower triangle L with L L^T = matrix, [size, size], row-major, for a positive semidefinite matrix: a pivot that is zero but
 * for rounding leaves a column of zeros (the row depends on those before). Each entry of the matrix is a sum of `terms` numbers.
 */
export function cholesky(matrix: Float64Array, size: number, terms = 0): Float64Array {
  const lower = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  const negligible = (size + terms) * Number.EPSILON * largest;
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i * size + j]!;
      for (let k = 0; k < j; k++) sum -= lower[i * size + k]! * lower[j * size + k]!;
      const pivot = lower[j * size + j]!;
      if (i === j) lower[i * size + i] = sum > negligible ? Math.sqrt(sum) : 0;
      else lower[i * size + j] = pivot > 0 ? sum / pivot : 0;
    }
  return lower;
}

/** Solves L L^T x = right in place for each of `columns` right-hand sides, [size, columns]; L has no zero pivot. */
export function solveCholesky(lower: Float64Array, size: number, right: Float64Array, columns: number): void {
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) subtractRow(right, columns, i, k, lower[i * size + k]!);
    for (let c = 0; c < columns; c++) right[i * columns + c]! /= lower[i * size + i]!;
  }
  solveTransposed(lower, size, right, columns);
}

/** Solves L^T x = right in place for each of `columns` right-hand sides, [size, columns]; x is 0 at a zero pivot. */
export function solveTransposed(
  lower: Float64Array,
  size: number,
  right: Float64Array,
  columns: number,
): void {
  for (let i = size - 1; i >= 0; i--) {
    const pivot = lower[i * size + i]!;
    for (let k = i + 1; k < size; k++) subtractRow(right, columns, i, k, lower[k * size + i]!);
    for (let c = 0, at = i * columns; c < columns; c++, at++) right[at] = pivot > 0 ? right[at]! / pivot : 0;
  }
}

function subtractRow(values: Float64Array, columns: number, to: number, from: number, factor: number): void {
  for (let c = 0; c < columns; c++) values[to * columns + c]! -= factor * values[from * columns + c]!;
}
