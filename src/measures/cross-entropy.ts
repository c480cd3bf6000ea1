/** Cross-entropy in nat of each example, without label smoothing: in float64 from logits [examples, classes], row-major. */
export const crossEntropies = (
  logits: Float32Array | Float64Array,
  labels: ArrayLike<number>,
): Float64Array => {
  const classes = logits.length / labels.length;
  return Float64Array.from({ length: labels.length }, (_, example) => {
    const row = Float64Array.from(logits.subarray(example * classes, (example + 1) * classes));
    const largest = row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    const sum = row.reduce((total, value) => total + Math.exp(value - largest), 0);
    return Math.log(sum) + largest - row[labels[example]!]!;
  });
};

/** Mean cross-entropy and accuracy; the first of equal logits decides. */
export function lossAndAccuracy(
  logits: Float32Array | Float64Array,
  labels: Int32Array,
): { readonly loss: number; readonly accuracy: number } {
  const classes = logits.length / labels.length;
  let correct = 0;
  for (const [example, label] of labels.entries()) {
    const row = Float64Array.from(logits.subarray(example * classes, (example + 1) * classes));
    if (row.indexOf(row.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)) === label) correct += 1;
  }
  const loss = crossEntropies(logits, labels).reduce((sum, each) => sum + each, 0);
  return { loss: loss / labels.length, accuracy: correct / labels.length };
}
