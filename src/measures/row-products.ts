/**
 * Adds x . m_c to `sums[c]` for each row m_c of a matrix [rows, x.length]. Four rows at a time share what is read of x; each sum adds in the
 * order of x, as a plain loop does, so that no digit depends on it.
 */
export function addRowProducts(sums: Float64Array, x: Float64Array, matrix: Float64Array): void {
  const size = x.length;
  const rows = matrix.length / size;
  let c = 0;
  for (; c + 4 <= rows; c += 4) {
    let [p, q, r, s] = [sums[c]!, sums[c + 1]!, sums[c + 2]!, sums[c + 3]!];
    for (let k = 0, a = c * size, b = a + size, d = b + size, e = d + size; k < size; k++) {
      const value = x[k]!;
      p += value * matrix[a++]!;
      q += value * matrix[b++]!;
      r += value * matrix[d++]!;
      s += value * matrix[e++]!;
    }
    sums[c] = p;
    sums[c + 1] = q;
    sums[c + 2] = r;
    sums[c + 3] = s;
  }
  for (; c < rows; c++) {
    let sum = sums[c]!;
    for (let k = 0, at = c * size; k < size; k++) sum += x[k]! * matrix[at++]!;
    sums[c] = sum;
  }
}
