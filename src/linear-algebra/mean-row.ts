/** Mean of the rows of [n, dimension], [dimension]. */
export function meanRow(values: ArrayLike<number>, dimension: number): Float64Array {
  const mean = new Float64Array(dimension);
  for (let at = 0; at < values.length; at++) mean[at % dimension]! += values[at]!;
  return mean.map((sum) => sum / (values.length / dimension));
}
