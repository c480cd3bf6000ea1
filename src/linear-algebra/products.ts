/** out[i, c] = sum_k features[i, k] weights[k, c]. */
export function multiply(
  features: Float64Array,
  columns: number,
  weights: Float64Array,
  classes: number,
  out: Float64Array,
): void {
  out.fill(0);
  for (let i = 0, at = 0; i < features.length / columns; i++)
    for (let k = 0; k < columns; k++) {
      const factor = features[at++]!;
      if (factor === 0) continue;
      for (let c = 0, to = i * classes, w = k * classes; c < classes; c++)
        out[to++]! += factor * weights[w++]!;
    }
}

/** out[k, c] = sum_i features[i, k] residuals[i, c]. */
export function multiplyTransposed(
  features: Float64Array,
  columns: number,
  residuals: Float64Array,
  classes: number,
  out: Float64Array,
): void {
  out.fill(0, 0, columns * classes);
  for (let i = 0, at = 0; i < features.length / columns; i++)
    for (let k = 0; k < columns; k++) {
      const factor = features[at++]!;
      if (factor === 0) continue;
      for (let c = 0, to = k * classes, r = i * classes; c < classes; c++)
        out[to++]! += factor * residuals[r++]!;
    }
}

/** Of the first `size` numbers. */
export const lengthOf = (values: Float64Array, size: number): number => Math.sqrt(dot(values, values, size));

/** Of the first `size` numbers. */
export function dot(a: Float64Array, b: Float64Array, size: number): number {
  let sum = 0;
  for (let k = 0; k < size; k++) sum += a[k]! * b[k]!;
  return sum;
}
