import { InputError } from '../input-error.ts';
import { largest, type Readout, type Training } from './readout.ts';

/**
 * Majority of the k nearest examples, the first way of equals, as scikit-learn's KNeighborsClassifier: by Euclidean distance or
 * by cosine distance, in which a vector of zero is as far from all.
 */
export const knn: Readout = {
  meaning: 'majority of the k nearest examples',
  options: ['k', 'metric'],
  fit(training, { k, metric }) {
    const { dimension, labels, ways } = training;
    if (k > labels.length)
      throw new InputError(`knn: ${k} neighbours of ${labels.length} labelled examples; give a smaller k`);
    const rows = metric === 'cosine' ? unitRows(training) : training.values;
    const query = new Float64Array(dimension);
    return {
      converged: true,
      decide(values, start) {
        query.set(values.subarray(start, start + dimension));
        if (metric === 'cosine') toUnit(query);
        const near = Array.from(labels, (label, i) => {
          let distance = 0;
          for (let c = 0, at = i * dimension; c < dimension; c++) distance += (query[c]! - rows[at++]!) ** 2;
          return { label, distance };
        }).sort((a, b) => a.distance - b.distance);
        const votes = new Int32Array(ways);
        for (const { label } of near.slice(0, k)) votes[label]! += 1;
        return largest(votes);
      },
    };
  },
};

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
