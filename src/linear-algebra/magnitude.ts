/** The largest absolute value; 0 of none. */
export function largestMagnitude(values: Float32Array | Float64Array): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) largest = Math.max(largest, Math.abs(values[i]!));
  return largest;
}

/**
 * A power of two that brings the largest value to between 1 and 2: divided by it, values keep their digits, and squares
 * neither overflow nor vanish.
 */
export function powerOfTwoScale(values: Float32Array | Float64Array): number {
  const largest = largestMagnitude(values);
  return largest === 0 ? 1 : 2 ** Math.max(-1000, Math.floor(Math.log2(largest)));
}
