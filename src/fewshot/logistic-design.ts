/** The examples of a logistic regression: products with their [examples, columns] feature matrix Z. */
export interface Design {
  readonly examples: number;
  readonly columns: number;
  /** out[i, c] = sum_k Z[i, k] weights[k, c]. */
  multiply(weights: Float64Array, classes: number, out: Float64Array): void;
  /** out[k, c] = sum_i Z[i, k] residuals[i, c]. */
  multiplyTransposed(residuals: Float64Array, classes: number, out: Float64Array): void;
}

/** Z a lower triangle, [size, size]. */
export function lowerTriangle(lower: Float64Array, size: number): Design {
  return {
    examples: size,
    columns: size,
    multiply(weights, classes, out) {
      for (let i = 0; i < size; i++) weightedSum(lower, i * size, 1, i + 1, weights, 0, classes, out, i);
    },
    multiplyTransposed(residuals, classes, out) {
      for (let k = 0; k < size; k++)
        weightedSum(lower, k * size + k, size, size - k, residuals, k, classes, out, k);
    },
  };
}

/**
 * Row `to` of out = sum_t factors[start + t stride] * rows[first + t, :], rows of `classes` numbers. Five classes at a time, the
 * usual number of ways, with their sums in registers: 4x of the plain loop.
 */
function weightedSum(
  factors: Float64Array,
  start: number,
  stride: number,
  count: number,
  rows: Float64Array,
  first: number,
  classes: number,
  out: Float64Array,
  to: number,
): void {
  let c = 0;
  for (; c + 5 <= classes; c += 5) {
    let s0 = 0;
    let s1 = 0;
    let s2 = 0;
    let s3 = 0;
    let s4 = 0;
    for (let t = 0, f = start, r = first * classes + c; t < count; t++, f += stride, r += classes) {
      const factor = factors[f]!;
      s0 += factor * rows[r]!;
      s1 += factor * rows[r + 1]!;
      s2 += factor * rows[r + 2]!;
      s3 += factor * rows[r + 3]!;
      s4 += factor * rows[r + 4]!;
    }
    const at = to * classes + c;
    out[at] = s0;
    out[at + 1] = s1;
    out[at + 2] = s2;
    out[at + 3] = s3;
    out[at + 4] = s4;
  }
  for (; c < classes; c++) {
    let sum = 0;
    for (let t = 0, f = start, r = first * classes + c; t < count; t++, f += stride, r += classes)
      sum += factors[f]! * rows[r]!;
    out[to * classes + c] = sum;
  }
}
