import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { cholesky, solveCholesky } from '../linear-algebra/cholesky.ts';
import { gramOfRows } from '../linear-algebra/gram.ts';
import { aroundMean, biasAround, combine, linear, transposed } from './linear.ts';
import type { Readout } from './readout.ts';

/** Below this share of the mean squared singular value a penalty is too small for normal equations in float64. */
const smallPenalty = 1e-8;

/**
 * Least squares on targets 1 for the class and -1 for the others, plus alpha ||w||^2, intercept free: as scikit-learn's
 * RidgeClassifier(solver='svd'). The smaller of the two systems X^T X + alpha and X X^T + alpha where the penalty keeps it
 * well-conditioned; else the singular value decomposition of X, without the directions that rounding alone has made.
 */
export const ridge: Readout = {
  meaning: 'least squares on targets 1 and -1 with a penalty on the weights',
  options: ['alpha'],
  fit({ values, dimension, labels, ways, unit }, { alpha }) {
    const examples = labels.length;
    const { centred, mean } = aroundMean(values, dimension);
    const penalty = alpha / unit / unit;
    const targetMeans = new Float64Array(ways).fill(-1);
    for (const label of labels) targetMeans[label]! += 2 / examples;
    const targets = new Float64Array(examples * ways);
    for (let i = 0; i < examples; i++)
      for (let c = 0; c < ways; c++) targets[i * ways + c] = (labels[i] === c ? 1 : -1) - targetMeans[c]!;
    const total = centred.reduce((sum, value) => sum + value * value, 0);
    const size = Math.min(examples, dimension);
    const weights =
      total === 0 || penalty === Number.POSITIVE_INFINITY
        ? new Float64Array(ways * dimension)
        : penalty >= (smallPenalty * total) / size
          ? byNormalEquations(centred, dimension, targets, ways, penalty)
          : bySingularValues(centred, dimension, targets, ways, penalty);
    return linear(weights, biasAround(mean, weights, targetMeans), true);
  },
};

function byNormalEquations(
  centred: Float64Array,
  dimension: number,
  targets: Float64Array,
  ways: number,
  penalty: number,
): Float64Array {
  const examples = centred.length / dimension;
  const isDual = examples <= dimension;
  const size = isDual ? examples : dimension;
  const system = isDual
    ? gramOfRows(centred, dimension)
    : gramOfRows(transposed(centred, dimension), examples);
  for (let i = 0; i < size; i++) system[i * size + i]! += penalty;
  const right = isDual ? targets.slice() : transposed(combine(targets, ways, centred, dimension), dimension);
  solveCholesky(cholesky(system, size), size, right, ways);
  return isDual ? combine(right, ways, centred, dimension) : transposed(right, ways);
}

/** V diag(s / (s^2 + alpha)) U^T Y over the singular values that are not rounding. */
function bySingularValues(
  centred: Float64Array,
  dimension: number,
  targets: Float64Array,
  ways: number,
  penalty: number,
): Float64Array {
  const examples = centred.length / dimension;
  const matrix = Matrix.from1DArray(examples, dimension, centred);
  const decomposed = new SingularValueDecomposition(matrix, { autoTranspose: true });
  const { leftSingularVectors, rightSingularVectors, diagonal } = decomposed;
  const negligible = Math.max(examples, dimension) * Number.EPSILON * Math.max(...diagonal);
  const weights = new Float64Array(ways * dimension);
  diagonal.forEach((s, component) => {
    if (!(s > negligible)) return;
    for (let c = 0; c < ways; c++) {
      let projection = 0;
      for (let i = 0; i < examples; i++)
        projection += leftSingularVectors.get(i, component) * targets[i * ways + c]!;
      const factor = (projection * s) / (s * s + penalty);
      for (let k = 0; k < dimension; k++)
        weights[c * dimension + k]! += factor * rightSingularVectors.get(k, component);
    }
  });
  return weights;
}
