import { InputError } from '../input-error.ts';
import { type ClassStatistics, classStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { Quantity } from './quantity.ts';

/** An upper bound of an error rate; `capped` is min(1, value), since a bound above 1 says nothing. */
export interface ErrorBound {
  readonly value: number;
  readonly capped: number;
}

/**
 * Bound of the nearest-mean classifier's error for k balanced classes with known means: 4 (k-1) mean CDNV. An example of class
 * i goes to j only where ||x - mu_i|| >= ||mu_i - mu_j|| / 2 (triangle inequality); by Markov's inequality this has
 * probability at most 4 Var_i / ||mu_i - mu_j||^2; sum over j, average over i. About populations: sample means of small
 * classes can break it. Galanti, Gyorgy, Hutter 2022 state the same with other constants.
 */
export function cdnvBound(cdnv: number, classes: number): ErrorBound {
  if (!(cdnv >= 0)) throw new InputError(`bound: CDNV is ${cdnv}; allowed are numbers from 0`);
  if (!(classes >= 2)) throw new InputError(`bound: ${classes} classes; at least 2 are needed`);
  const value = 4 * (classes - 1) * cdnv;
  return { value, capped: Math.min(1, value) };
}

/** The same from geometric collapse, where Var_c <= rho GC_c: 4 (k-1) rho * geometric collapse; rho is the user's. */
export function geometricCollapseBound(geometricCollapse: number, classes: number, rho: number): ErrorBound {
  if (!(rho > 0)) throw new InputError(`bound: rho is ${rho}; allowed are numbers above 0`);
  return cdnvBound(rho * geometricCollapse, classes);
}

/**
 * A floor of the classes' Poincare constant: the largest eigenvalue of a class's covariance in the network's input space, linear functions being test
 * functions; the largest over classes. `inputs` are the flattened inputs as the network is fed. By power iteration, whose value
 * never exceeds the eigenvalue, until it moves by less than 1e-9.
 */
export function inputCovarianceFloor(inputs: Embeddings): Quantity {
  const statistics = classStatistics(inputs);
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  let floor = 0;
  for (let c = 0; c < statistics.counts.length; c++)
    floor = Math.max(floor, largestEigenvalue(inputs, statistics, c));
  return floor;
}

function largestEigenvalue(inputs: Embeddings, statistics: ClassStatistics, c: number): number {
  const { values, labels, dimension } = inputs;
  const mean = statistics.means.subarray(c * dimension, (c + 1) * dimension);
  const rows = [...labels.keys()].filter((example) => labels[example] === c);
  // The first difference that is not zero has a share in the range of the covariance; all zero means no variance.
  const centred = (example: number): Float64Array =>
    mean.map((value, k) => values[example * dimension + k]! - value);
  let vector = unit(rows.map(centred).reduce(longer));
  let eigenvalue = 0;
  for (let step = 0; step < 1000; step++) {
    const product = new Float64Array(dimension);
    for (const example of rows) {
      const at = example * dimension;
      let projection = 0;
      for (let k = 0; k < dimension; k++) projection += (values[at + k]! - mean[k]!) * vector[k]!;
      for (let k = 0; k < dimension; k++)
        product[k]! += (projection * (values[at + k]! - mean[k]!)) / rows.length;
    }
    const next = product.reduce((sum, value, k) => sum + value * vector[k]!, 0);
    if (!(next > eigenvalue * (1 + 1e-9))) return Math.max(next, eigenvalue);
    eigenvalue = next;
    vector = unit(product);
  }
  return eigenvalue;
}

const length = (vector: Float64Array): number =>
  Math.sqrt(vector.reduce((sum, value) => sum + value ** 2, 0));
const longer = (a: Float64Array, b: Float64Array): Float64Array => (length(b) > length(a) ? b : a);

function unit(vector: Float64Array): Float64Array {
  const norm = length(vector);
  return norm > 0 ? vector.map((value) => value / norm) : vector;
}
