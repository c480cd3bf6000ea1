import { largestSquaredMean, sameMean } from './class-distances.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import { type Undefined, undefinedBecause } from './measured.ts';

/** The class means minus their mean (each class counts once). */
export interface CentredMeans {
  /** [classes, dimension]. */
  readonly values: Float64Array;
  readonly norms: Float64Array;
}

/** Undefined where a class is empty or where all means are the same. */
export function centredMeans(statistics: ClassStatistics): CentredMeans | Undefined {
  const few = tooFew(statistics, 1);
  if (few !== null) return few;
  const { means, dimension, counts } = statistics;
  const classes = counts.length;
  const { centred: values } = aroundMeanOfMeans(means, dimension);
  const norms = new Float64Array(classes);
  for (let i = 0; i < values.length; i++) norms[Math.floor(i / dimension)]! += values[i]! ** 2;
  for (let c = 0; c < classes; c++) norms[c] = Math.sqrt(norms[c]!);
  const rounding = sameMean * Math.sqrt(largestSquaredMean(statistics));
  if (!norms.some((norm) => norm > rounding)) return undefinedBecause('all class means are the same');
  return { values, norms: norms.map((norm) => (norm > rounding ? norm : 0)) };
}

/** Class means, [classes, dimension], around their mean: products keep their digits whatever the offset of the embeddings. */
export function aroundMeanOfMeans(means: Float64Array, dimension: number) {
  const centre = new Float64Array(dimension);
  const classes = means.length / dimension;
  for (let i = 0; i < means.length; i++) centre[i % dimension]! += means[i]! / classes;
  return { centre, centred: means.map((mean, i) => mean - centre[i % dimension]!) };
}
