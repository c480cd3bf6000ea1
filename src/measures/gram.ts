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
