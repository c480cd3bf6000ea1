import type { Training } from './readout.ts';

/** Mean of each way's examples, [ways, dimension]. */
export function wayMeans({ values, dimension, labels, ways }: Training): Float64Array {
  const means = new Float64Array(ways * dimension);
  const counts = new Float64Array(ways);
  for (let i = 0, at = 0; i < labels.length; i++) {
    counts[labels[i]!]! += 1;
    for (let k = 0, to = labels[i]! * dimension; k < dimension; k++) means[to++]! += values[at++]!;
  }
  for (let at = 0; at < means.length; at++) means[at]! /= counts[Math.floor(at / dimension)]!;
  return means;
}
