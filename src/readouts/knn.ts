import { InputError } from '../input-error.ts';
import { largest, type Readout, type Training } from './readout.ts';

/**
 * Majority of the k nearest examples, the first way of equals, as scikit-learn's KNeighborsClassifier: by Euclidean distance or
 * by cosine distance, 1 - cosine, which is 1 from a vector of zero to all. Of equally near examples the first count.
 */
export const knn: Readout = {
  meaning: 'majority of the k nearest examples',
  options: ['k', 'metric'],
  fit(training, { k, metric }) {
    const { dimension, labels, ways } = training;
    if (k > labels.length)
      throw new InputError(`knn: ${k} neighbours of ${labels.length} labelled examples; give a smaller k`);
    const rows = metric === 'cosine' ? unitRows(training) : training.values;
    const distanceTo = metric === 'cosine' ? cosineDistance : squaredDistance;
    const query = new Float64Array(dimension);
    return {
      converged: true,
      decide(values, start) {
        query.set(values.subarray(start, start + dimension));
        if (metric === 'cosine') toUnit(query);
        const near = Array.from(labels, (label, i) => ({
          label,
          distance: distanceTo(query, rows, i * dimension),
        })).sort((a, b) => a.distance - b.distance);
        const votes = new Int32Array(ways);
        for (const { label } of near.slice(0, k)) votes[label]! += 1;
        return largest(votes);
      },
    };
  },
};

function squaredDistance(query: Float64Array, rows: Float64Array, start: number): number {
  let distance = 0;
  for (let k = 0; k < query.length; k++) distance += (query[k]! - rows[start + k]!) ** 2;
  return distance;
}

/** Of unit vectors; rounding leaves none below 0. */
function cosineDistance(query: Float64Array, rows: Float64Array, start: number): number {
  let product = 0;
  for (let k = 0; k < query.length; k++) product += query[k]! * rows[start + k]!;
  return Math.max(0, 1 - product);
}

function unitRows({ values, dimension }: Training): Float64Array {
  const rows = values.slice();
  for (let start = 0; start < rows.length; start += dimension)
    toUnit(rows.subarray(start, start + dimension));
  return rows;
}

function toUnit(row: Float64Array): void {
  const length = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
  if (length > 0) for (let k = 0; k < row.length; k++) row[k]! /= length;
}
