import { meanRow } from '../linear-algebra/mean-row.ts';
import { multiplyTransposed } from '../linear-algebra/products.ts';
import { type Classifier, largest } from './readout.ts';

/** Largest score q . w_c + bias_c, for weights [ways, dimension]. A weight that is not finite is no solution. */
export function linear(weights: Float64Array, bias: Float64Array, converged: boolean): Classifier {
  const ways = bias.length;
  const dimension = weights.length / ways;
  const scores = new Float64Array(ways);
  return {
    converged: converged && weights.every(Number.isFinite) && bias.every(Number.isFinite),
    decide(values, start) {
      for (let c = 0; c < ways; c++) {
        let score = 0;
        for (let k = 0, at = c * dimension; k < dimension; k++) score += values[start + k]! * weights[at++]!;
        scores[c] = score + bias[c]!;
      }
      return largest(scores);
    },
  };
}

/** `values` [examples, dimension] around their mean: an intercept that is free has the same solution and a better condition. */
export function aroundMean(values: Float64Array, dimension: number) {
  const mean = meanRow(values, dimension);
  return { mean, centred: values.map((value, at) => value - mean[at % dimension]!) };
}

/** Intercepts of weights [ways, dimension] that were fitted around the mean. */
export const biasAround = (
  mean: Float64Array,
  weights: Float64Array,
  intercepts: Float64Array,
): Float64Array =>
  intercepts.map((intercept, c) => {
    let offset = 0;
    for (let k = 0, at = c * mean.length; k < mean.length; k++) offset += mean[k]! * weights[at++]!;
    return intercept - offset;
  });

/** sum_i duals[i, c] values[i, :], [ways, columns], for duals [examples, ways]. */
export function combine(
  duals: Float64Array,
  ways: number,
  values: Float64Array,
  columns: number,
): Float64Array {
  const out = new Float64Array(ways * columns);
  multiplyTransposed(duals, ways, values, columns, out);
  return out;
}

export function transposed(values: Float64Array, columns: number): Float64Array {
  const rows = values.length / columns;
  const out = new Float64Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < columns; k++) out[k * rows + i] = values[i * columns + k]!;
  return out;
}
