import { hashName, permutation, randomStream } from '../random/random.ts';
import type { Embeddings } from './embeddings.ts';
import { type Measured, undefinedBecause } from './measured.ts';

/**
 * CDNV inside batches: means and variances of the classes of one random batch, the mean over its pairs of classes, then the mean over
 * all whole batches of one epoch. With n images per class it is low by about V (1 - 1/n) / (1 + 2 V / n), V the CDNV of the whole
 * set: "measured and averaged over multiple batches" (Munn, Dherin, Gonzalvo 2024) may mean this.
 */
export function cdnvInBatch({ values, labels, dimension }: Embeddings, batchSize: number): Measured {
  if (labels.length < batchSize)
    return undefinedBecause(`${labels.length} examples are fewer than one batch of ${batchSize}`);
  const order = permutation(labels.length, randomStream(hashName('batches')));
  let total = 0;
  let batches = 0;
  for (let start = 0; start + batchSize <= order.length; start += batchSize) {
    const found = cdnvOf(order.subarray(start, start + batchSize), values, labels, dimension);
    if (found === null) continue;
    total += found;
    batches += 1;
  }
  return batches > 0
    ? total / batches
    : undefinedBecause(`no batch of ${batchSize} examples has two classes with different means`);
}

function cdnvOf(
  examples: Int32Array,
  values: ArrayLike<number>,
  labels: Int32Array,
  dimension: number,
): number | null {
  const byClass = new Map<number, number[]>();
  for (const example of examples) {
    const own = byClass.get(labels[example]!) ?? [];
    byClass.set(labels[example]!, [...own, example]);
  }
  const classes = [...byClass.values()].map((members) => {
    const mean = new Float64Array(dimension);
    for (const example of members)
      for (let k = 0; k < dimension; k++) mean[k]! += values[example * dimension + k]! / members.length;
    let variance = 0;
    for (const example of members)
      for (let k = 0; k < dimension; k++) variance += (values[example * dimension + k]! - mean[k]!) ** 2;
    return { mean, variance: variance / members.length };
  });
  let total = 0;
  let pairs = 0;
  classes.forEach((first, i) => {
    for (const second of classes.slice(0, i)) {
      let distance = 0;
      for (let k = 0; k < dimension; k++) distance += (first.mean[k]! - second.mean[k]!) ** 2;
      if (distance === 0) continue;
      total += (first.variance + second.variance) / (2 * distance);
      pairs += 1;
    }
  });
  return pairs > 0 ? total / pairs : null;
}
