import type { FewshotResult } from '../pipeline/records.ts';
import { cholesky, solveCholesky } from './cholesky.ts';
import { centredGram } from './gram.ts';
import { lowerTriangle } from './logistic-design.ts';
import { solveLogistic } from './logistic-solver.ts';

export type ReadoutName = FewshotResult['readout'];

/** The labelled examples of an episode, by their inner products: the dimension of the features takes no part in fitting. */
export interface SupportSet {
  /** [examples, examples]. */
  readonly gram: Float64Array;
  /** 0 to ways - 1, one an example; each occurs. */
  readonly labels: Int32Array;
  readonly ways: number;
}

/** A linear classifier: the score of class c on q is sum_i coefficients[c, i] (x_i . q) + bias[c]; the largest wins. */
export interface LinearRule {
  /** [ways, examples]. */
  readonly coefficients: Float64Array;
  readonly bias: Float64Array;
  /** False where an iterative fit ended before its minimum; absent for closed forms. */
  readonly converged?: boolean;
}

export interface ReadoutOptions {
  /** Logistic: weight of the loss against 1/2 ||w||^2, scikit-learn's C; default 1. */
  readonly C?: number | undefined;
  /** Ridge: scikit-learn's alpha; default 1. */
  readonly alpha?: number | undefined;
}

export type Readout = (support: SupportSet, options: ReadoutOptions) => LinearRule;

/** Every readout by its name in configs and on the command line. */
export const readouts: Readonly<Record<ReadoutName, Readout>> = {
  logistic,
  'nearest-mean': nearestMean,
  cosine,
  ridge,
};

/** Least ||q - mu_c||^2, that is largest mu_c . q - ||mu_c||^2 / 2. As scikit-learn's NearestCentroid. */
function nearestMean(support: SupportSet): LinearRule {
  const { coefficients, squaredNorms } = classMeans(support);
  return { coefficients, bias: squaredNorms.map((square) => -square / 2) };
}

/** Largest cosine of q and mu_c; that with a mean of zero counts as 0. */
function cosine(support: SupportSet): LinearRule {
  const { coefficients, squaredNorms } = classMeans(support);
  const examples = support.labels.length;
  for (let at = 0; at < coefficients.length; at++) {
    const square = squaredNorms[Math.floor(at / examples)]!;
    coefficients[at] = square > 0 ? coefficients[at]! / Math.sqrt(square) : 0;
  }
  return { coefficients, bias: new Float64Array(support.ways) };
}

function classMeans({ gram, labels, ways }: SupportSet) {
  const examples = labels.length;
  const counts = new Float64Array(ways);
  for (let i = 0; i < examples; i++) counts[labels[i]!]! += 1;
  const coefficients = new Float64Array(ways * examples);
  const squaredNorms = new Float64Array(ways);
  for (let i = 0; i < examples; i++) {
    const label = labels[i]!;
    coefficients[label * examples + i] = 1 / counts[label]!;
    for (let j = 0; j < examples; j++)
      if (labels[j] === label) squaredNorms[label]! += gram[i * examples + j]! / counts[label]! ** 2;
  }
  return { coefficients, squaredNorms };
}

/**
 * Least squares on targets 1 for the class and -1 for the others, plus alpha ||w||^2, intercept free: as scikit-learn's
 * RidgeClassifier, in its dual form (K + alpha I) a = y, the smaller of the two systems where examples < dimensions.
 */
function ridge({ gram, labels, ways }: SupportSet, { alpha = 1 }: ReadoutOptions): LinearRule {
  const examples = labels.length;
  const { centred, rowMeans } = centredGram(gram, examples);
  for (let i = 0; i < examples; i++) centred[i * examples + i]! += alpha;
  const targets = new Float64Array(examples * ways);
  const targetMeans = new Float64Array(ways).fill(-1);
  for (let i = 0; i < examples; i++) targetMeans[labels[i]!]! += 2 / examples;
  for (let i = 0; i < examples; i++)
    for (let c = 0; c < ways; c++) targets[i * ways + c] = (labels[i] === c ? 1 : -1) - targetMeans[c]!;
  solveCholesky(cholesky(centred, examples), examples, targets, ways);
  return aroundMean(targets, targetMeans, rowMeans, ways);
}

/**
 * Multinomial logistic regression with 1/2 ||w||^2 + C * loss, intercept free, to convergence: as scikit-learn's
 * LogisticRegression (lbfgs). With K = L L^T the rows of L stand for the examples (the same inner products, fewer numbers);
 * at the minimum the coefficients are the residuals C (y - p).
 */
function logistic({ gram, labels, ways }: SupportSet, { C = 1 }: ReadoutOptions): LinearRule {
  const examples = labels.length;
  const { centred, rowMeans } = centredGram(gram, examples);
  const design = lowerTriangle(cholesky(centred, examples), examples);
  const penalty = logisticPenalty(C, ways);
  const { residuals, bias, converged } = solveLogistic(design, labels, ways, penalty);
  for (let at = 0; at < residuals.length; at++) residuals[at]! /= penalty;
  return { ...aroundMean(residuals, bias, rowMeans, ways), converged };
}

/** Two classes have one weight vector w in scikit-learn, +-w/2 here, with half its squares. */
export const logisticPenalty = (C: number, ways: number): number => (ways === 2 ? 2 : 1) / C;

/** The rule of duals [examples, ways] over x_i - mean, rewritten over x_i; w . mean = sum_i a_i rowMeans_i. */
function aroundMean(
  duals: Float64Array,
  intercepts: Float64Array,
  rowMeans: Float64Array,
  ways: number,
): LinearRule {
  const examples = rowMeans.length;
  const coefficients = new Float64Array(ways * examples);
  const bias = new Float64Array(ways);
  for (let c = 0; c < ways; c++) {
    let mean = 0;
    for (let i = 0; i < examples; i++) mean += duals[i * ways + c]! / examples;
    let offset = 0;
    for (let i = 0; i < examples; i++) {
      const coefficient = duals[i * ways + c]! - mean;
      coefficients[c * examples + i] = coefficient;
      offset += coefficient * rowMeans[i]!;
    }
    bias[c] = intercepts[c]! - offset;
  }
  return { coefficients, bias };
}
