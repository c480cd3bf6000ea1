/** H K H with H = I - 11^T/n: the Gram matrix of the examples around their mean; and the means of K's rows. */
export function centredGram(
  gram: Float64Array,
  size: number,
): { readonly centred: Float64Array; readonly rowMeans: Float64Array; readonly mean: number } {
  const rowMeans = new Float64Array(size);
  let mean = 0;
  for (let i = 0; i < size; i++) {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += gram[i * size + j]!;
    rowMeans[i] = sum / size;
    mean += sum / size / size;
  }
  const centred = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let j = 0; j < size; j++)
      centred[i * size + j] = gram[i * size + j]! - rowMeans[i]! - rowMeans[j]! + mean;
  return { centred, rowMeans, mean };
}
