import { cholesky, solveCholesky } from './cholesky.ts';
import { denseDesign } from './dense-design.ts';
import { solveLogistic } from './logistic-solver.ts';
import { meanRow } from './mean-row.ts';
import { logisticPenalty, type ReadoutName, type ReadoutOptions } from './readouts.ts';

/** Many labelled examples by their features. */
export interface DenseTraining {
  /** [examples, dimension]. */
  readonly values: Float64Array;
  readonly dimension: number;
  readonly labels: Int32Array;
  readonly ways: number;
}

/** The score of class c on x is sum_k x_k weights[k, c] + bias[c]; the largest wins. */
export interface DenseClassifier {
  /** [dimension, ways]. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  readonly converged: boolean;
}

/** The readouts of `readouts.ts`, same definitions, by systems of the features' size: for more examples than dimensions. */
export const denseReadouts: Readonly<
  Record<ReadoutName, (training: DenseTraining, options: ReadoutOptions) => DenseClassifier>
> = {
  logistic,
  'nearest-mean': nearestMean,
  cosine,
  ridge,
};

function nearestMean(training: DenseTraining): DenseClassifier {
  const { weights, squaredNorms } = classMeans(training);
  return { weights, bias: squaredNorms.map((square) => -square / 2), converged: true };
}

function cosine(training: DenseTraining): DenseClassifier {
  const { weights, squaredNorms } = classMeans(training);
  const { ways } = training;
  const scaled = weights.map((value, at) => {
    const square = squaredNorms[at % ways]!;
    return square > 0 ? value / Math.sqrt(square) : 0;
  });
  return { weights: scaled, bias: new Float64Array(ways), converged: true };
}

function classMeans({ values, dimension, labels, ways }: DenseTraining) {
  const counts = new Float64Array(ways);
  const weights = new Float64Array(dimension * ways);
  labels.forEach((label, row) => {
    counts[label]! += 1;
    for (let k = 0; k < dimension; k++) weights[k * ways + label]! += values[row * dimension + k]!;
  });
  const squaredNorms = new Float64Array(ways);
  for (let at = 0; at < weights.length; at++) {
    weights[at]! /= counts[at % ways]!;
    squaredNorms[at % ways]! += weights[at]! ** 2;
  }
  return { weights, squaredNorms };
}

/** (Z^T Z + alpha I) W = Z^T Y around the means; alpha = 0 needs features of full rank. */
function ridge(training: DenseTraining, { alpha = 1 }: ReadoutOptions): DenseClassifier {
  const { labels, dimension, ways } = training;
  const { centred, mean } = aroundMean(training);
  const design = denseDesign(centred, dimension, ways);
  const system = design.gram();
  for (let k = 0; k < dimension; k++) system[k * dimension + k]! += alpha;
  const targetMeans = new Float64Array(ways).fill(-1);
  for (const label of labels) targetMeans[label]! += 2 / labels.length;
  const targets = new Float64Array(labels.length * ways);
  labels.forEach((label, row) => {
    for (let c = 0; c < ways; c++) targets[row * ways + c] = (label === c ? 1 : -1) - targetMeans[c]!;
  });
  const weights = new Float64Array(dimension * ways);
  design.multiplyTransposed(targets, ways, weights);
  solveCholesky(cholesky(system, dimension), dimension, weights, ways);
  return { weights, bias: biasAround(mean, weights, targetMeans), converged: true };
}

function logistic(training: DenseTraining, { C = 1 }: ReadoutOptions): DenseClassifier {
  const { labels, dimension, ways } = training;
  const { centred, mean } = aroundMean(training);
  const design = denseDesign(centred, dimension, ways);
  const { weights, bias, converged } = solveLogistic(design, labels, ways, logisticPenalty(C, ways));
  return { weights, bias: biasAround(mean, weights, bias), converged };
}

/** The intercept is free, so that features around their mean have the same solution and a better condition. */
function aroundMean({ values, dimension }: DenseTraining) {
  const mean = meanRow(values, dimension);
  return { mean, centred: values.map((value, at) => value - mean[at % dimension]!) };
}

function biasAround(mean: Float64Array, weights: Float64Array, intercepts: Float64Array): Float64Array {
  const ways = intercepts.length;
  const bias = Float64Array.from(intercepts);
  weights.forEach((weight, at) => {
    bias[at % ways]! -= mean[Math.floor(at / ways)]! * weight;
  });
  return bias;
}
