import { squaredMeanDistances } from './class-distances.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import { type Measured, undefinedBecause } from './measured.ts';

/** Mean length of the embeddings. */
export function meanFeatureNorm({ values, labels, dimension }: Embeddings): Measured {
  if (labels.length === 0) return undefinedBecause('there are no examples');
  let total = 0;
  for (let example = 0, at = 0; example < labels.length; example++) {
    let largest = 0;
    for (let k = 0; k < dimension; k++) largest = Math.max(largest, Math.abs(values[at + k]!));
    let squares = 0;
    if (largest > 0) for (let k = 0; k < dimension; k++) squares += (values[at + k]! / largest) ** 2;
    total += largest * Math.sqrt(squares);
    at += dimension;
  }
  return total / labels.length;
}

/** Least distance between two class means (Galanti et al., JMLR 2026). */
export function leastMeanDistance(statistics: ClassStatistics): Measured {
  const few = tooFew(statistics, 1);
  if (few !== null) return few;
  const classes = statistics.counts.length;
  const distances = squaredMeanDistances(statistics);
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < i; j++) least = Math.min(least, distances[i * classes + j]!);
  return Math.sqrt(least);
}
