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

/** F'F, [columns, columns]: four rows per pass over the matrix, two of its rows at a time. */
export function gramOfColumns(features: Float64Array, columns: number): Float64Array {
  const rows = features.length / columns;
  const padded = 4 * Math.ceil(rows / 4) * columns;
  const gram = new Float64Array(columns * columns);
  const four = new Float64Array(4 * columns);
  for (let at = 0; at < padded; at += 4 * columns) {
    four.fill(0);
    four.set(features.subarray(at, Math.min(at + 4 * columns, features.length)));
    let i = 0;
    for (; i + 2 <= columns; i += 2) addTwoRows(gram, four, columns, i);
    if (i < columns) addRow(gram, four, columns, i);
  }
  for (let i = 0; i < columns; i++)
    for (let j = 0; j < i; j++) gram[j * columns + i] = gram[i * columns + j]!;
  return gram;
}

function addRow(gram: Float64Array, four: Float64Array, columns: number, i: number): void {
  const [second, third, fourth] = [columns, 2 * columns, 3 * columns];
  const [a, b, c, d] = [four[i]!, four[second + i]!, four[third + i]!, four[fourth + i]!];
  for (let j = 0, out = i * columns; j <= i; j++, out++)
    gram[out]! += a * four[j]! + b * four[second + j]! + (c * four[third + j]! + d * four[fourth + j]!);
}

/** Rows i and i + 1 up to their diagonals share what is read of the features; nothing where both features are zero. */
function addTwoRows(gram: Float64Array, four: Float64Array, columns: number, i: number): void {
  const [second, third, fourth] = [columns, 2 * columns, 3 * columns];
  const a = four[i]!;
  const b = four[second + i]!;
  const c = four[third + i]!;
  const d = four[fourth + i]!;
  const e = four[i + 1]!;
  const f = four[second + i + 1]!;
  const g = four[third + i + 1]!;
  const h = four[fourth + i + 1]!;
  if (a === 0 && b === 0 && c === 0 && d === 0 && e === 0 && f === 0 && g === 0 && h === 0) return;
  for (let j = 0, out = i * columns, next = out + columns; j <= i; j++, out++, next++) {
    const w = four[j]!;
    const x = four[second + j]!;
    const y = four[third + j]!;
    const z = four[fourth + j]!;
    gram[out]! += a * w + b * x + (c * y + d * z);
    gram[next]! += e * w + f * x + (g * y + h * z);
  }
  gram[(i + 1) * (columns + 1)]! += e * e + f * f + (g * g + h * h);
}
