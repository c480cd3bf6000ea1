import { centredMeans } from './class-means.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { Measured } from './measured.ts';
import { principalDirections } from './principal-directions.ts';
import { addRowProducts } from './row-products.ts';

/**
 * NC1 = tr(S_W pinv(S_B)) / C (Papyan, Han, Donoho 2020), S_W the within-class covariance over all examples, S_B =
 * 1/C sum_c (mu_c - mu_G)(mu_c - mu_G)^T, mu_G the mean of the class means. With the centred means M = U diag(s) V^T this is
 * the mean over examples of sum_k (v_k . (x - mu_c))^2 / s_k^2: no d x d matrix, and a second pass over the examples, whose
 * differences from the mean keep their digits close to full collapse.
 */
export function nc1(embeddings: Embeddings, statistics: ClassStatistics): Measured {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  const { values, labels, dimension } = embeddings;
  const { means, counts } = statistics;
  const maximumRank = Math.min(counts.length - 1, dimension);
  const { singularValues, directions } = principalDirections(centred.values, dimension, maximumRank);
  const scaled = directions.map((value, i) => value / singularValues[Math.floor(i / dimension)]!);
  const difference = new Float64Array(dimension);
  const along = new Float64Array(scaled.length / dimension);
  let sum = 0;
  for (let example = 0; example < labels.length; example++) {
    const at = example * dimension;
    const mean = labels[example]! * dimension;
    for (let k = 0; k < dimension; k++) difference[k] = values[at + k]! - means[mean + k]!;
    along.fill(0);
    addRowProducts(along, difference, scaled);
    for (let row = 0; row < along.length; row++) sum += along[row]! * along[row]!;
  }
  return sum / labels.length;
}
