/** Sum of `count` squares from `start`, in float64; four sums, as one would wait for itself at each step. */
export function sumOfSquares(values: Float32Array | Float64Array, start: number, count: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  const end = start + count;
  let at = start;
  for (; at + 3 < end; at += 4) {
    s0 += values[at]! * values[at]!;
    s1 += values[at + 1]! * values[at + 1]!;
    s2 += values[at + 2]! * values[at + 2]!;
    s3 += values[at + 3]! * values[at + 3]!;
  }
  for (; at < end; at++) s0 += values[at]! * values[at]!;
  return s0 + s1 + (s2 + s3);
}
