import { dot, lengthOf, multiply, multiplyTransposed } from '../linear-algebra/products.ts';

export interface LogisticSolution {
  /** [columns, classes]. */
  readonly weights: Float64Array;
  readonly bias: Float64Array;
  /** That the weights are within 1e-5 of the minimum's, or as close as float64 can tell. */
  readonly converged: boolean;
}

/** Pairs that L-BFGS keeps: few are quick where the problem is easy, more are needed where it is not. */
const memory = 6;
const longMemory = 24;
const easyIterations = 60;
/**
 * Aim and least demand. The gradient as a share of its first length; the weights' distance to the minimum, which is at most gradient /
 * penalty, as a share of their length; and the gradient as a share of features times residuals, below which rounding decides.
 */
const aim = { gradient: 1e-8, distance: 1e-7, rounding: 1e-15 };
const demand = { gradient: 1e-6, distance: 1e-5, rounding: 1e-14 };
const maximumIterations = 5000;

/**
 * Multinomial logistic regression on `features` [examples, columns]: minimizes sum_i -log p(label_i) + penalty/2 ||weights||^2, bias
 * free, by L-BFGS (Liu, Nocedal 1989) from zero until the gradient is 1e-8 of its first length and the weights are within 1e-7 of
 * the minimum's. A small gradient alone says little where classes are apart and the penalty is small. Scores are linear in the
 * weights, so that a step's length is searched without another product with the features.
 * `tell` hears before each step what share of the gradient's eight digits is gone.
 */
export function solveLogistic(
  features: Float64Array,
  columns: number,
  labels: Int32Array,
  classes: number,
  penalty: number,
  tell?: (share: number) => void,
): LogisticSolution {
  const examples = labels.length;
  const weightCount = columns * classes;
  const size = weightCount + classes;
  const point = new Float64Array(size);
  const scores = new Float64Array(examples * classes);
  const residuals = new Float64Array(examples * classes);
  const scoreStep = new Float64Array(examples * classes);
  const trial = new Float64Array(examples * classes);
  const direction = new Float64Array(size);
  let gradient = new Float64Array(size);
  let previous = new Float64Array(size);
  const history: Pair[] = [];

  const evaluateGradient = (): void => {
    multiplyTransposed(features, columns, residuals, classes, gradient);
    for (let k = 0; k < weightCount; k++) gradient[k] = penalty * point[k]! - gradient[k]!;
    gradient.fill(0, weightCount);
    for (let i = 0, at = 0; i < examples; i++)
      for (let c = 0; c < classes; c++) gradient[weightCount + c]! -= residuals[at++]!;
  };

  let loss = softmax(scores, labels, classes, residuals);
  evaluateGradient();
  const firstLength = lengthOf(gradient, size);
  /** Of the features with the intercept's column of ones. */
  const featureSize = Math.sqrt(lengthOf(features, features.length) ** 2 + examples);
  let least = firstLength;
  let squaredWeights = 0;
  const isAtMinimum = (length: number, wanted: typeof aim): boolean => {
    if (length > wanted.gradient * firstLength) return false;
    const allowed = wanted.distance * Math.sqrt(squaredWeights);
    if (length <= penalty * allowed) return true;
    return length <= wanted.rounding * featureSize * lengthOf(residuals, residuals.length);
  };
  for (let iterations = 0; iterations < maximumIterations; iterations++) {
    const length = lengthOf(gradient, size);
    least = Math.min(least, length);
    if (isAtMinimum(length, aim)) break;
    tell?.(Math.min(0.99, Math.log(least / firstLength) / Math.log(aim.gradient)));
    twoLoop(gradient, history, direction);
    multiply(features, columns, direction, classes, scoreStep);
    for (let i = 0, at = 0; i < examples; i++)
      for (let c = 0; c < classes; c++) scoreStep[at++]! += direction[weightCount + c]!;
    const slope = dot(gradient, direction, size);
    const cross = dot(point, direction, weightCount);
    const squaredStep = dot(direction, direction, weightCount);
    let step = 1;
    if (history.length === 0)
      step = -slope / (curvature(residuals, labels, classes, scoreStep) + penalty * squaredStep);
    const value = loss + (penalty / 2) * squaredWeights;
    let accepted = false;
    for (let halvings = 0; halvings < 40; halvings++, step /= 2) {
      for (let at = 0; at < trial.length; at++) trial[at] = scores[at]! + step * scoreStep[at]!;
      const trialLoss = softmax(trial, labels, classes, residuals);
      const trialSquares = squaredWeights + 2 * step * cross + step * step * squaredStep;
      // Armijo's condition, with room for the rounding of the two values close to the minimum.
      const rounding = 1e-14 * value;
      if (trialLoss + (penalty / 2) * trialSquares <= value + 1e-4 * step * slope + rounding) {
        accepted = true;
        loss = trialLoss;
        squaredWeights = trialSquares;
        break;
      }
    }
    if (!accepted) break;
    scores.set(trial);
    for (let k = 0; k < size; k++) point[k]! += step * direction[k]!;
    [previous, gradient] = [gradient, previous];
    evaluateGradient();
    remember(history, iterations < easyIterations ? memory : longMemory, direction, step, gradient, previous);
  }
  softmax(scores, labels, classes, residuals);
  return {
    weights: point.subarray(0, weightCount),
    bias: point.subarray(weightCount),
    // Rounding may end the search a little above the aim.
    converged: isAtMinimum(lengthOf(gradient, size), demand),
  };
}

/** A step and the change of the gradient along it. */
interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  product: number;
  share: number;
}

function remember(
  history: Pair[],
  limit: number,
  direction: Float64Array,
  length: number,
  gradient: Float64Array,
  previous: Float64Array,
): void {
  const size = direction.length;
  const pair =
    history.length === limit
      ? history.shift()!
      : { step: new Float64Array(size), change: new Float64Array(size), product: 0, share: 0 };
  let product = 0;
  for (let k = 0; k < size; k++) {
    pair.step[k] = length * direction[k]!;
    pair.change[k] = gradient[k]! - previous[k]!;
    product += pair.step[k]! * pair.change[k]!;
  }
  pair.product = product;
  if (product > 0) history.push(pair);
}

/** Minus the inverse Hessian's approximation times the gradient. */
function twoLoop(gradient: Float64Array, history: readonly Pair[], out: Float64Array): void {
  const size = gradient.length;
  for (let k = 0; k < size; k++) out[k] = -gradient[k]!;
  for (let h = history.length - 1; h >= 0; h--) {
    const pair = history[h]!;
    pair.share = dot(pair.step, out, size) / pair.product;
    for (let k = 0; k < size; k++) out[k]! -= pair.share * pair.change[k]!;
  }
  const last = history.at(-1);
  if (last !== undefined) {
    const scale = last.product / dot(last.change, last.change, size);
    for (let k = 0; k < size; k++) out[k]! *= scale;
  }
  for (const pair of history) {
    const share = pair.share - dot(pair.change, out, size) / pair.product;
    for (let k = 0; k < size; k++) out[k]! += share * pair.step[k]!;
  }
}

/** Sum of -log p(label); leaves one-hot minus probabilities in `residuals`. */
function softmax(scores: Float64Array, labels: Int32Array, classes: number, residuals: Float64Array): number {
  let loss = 0;
  for (let i = 0; i < labels.length; i++) {
    const start = i * classes;
    const label = start + labels[i]!;
    let largest = scores[start]!;
    for (let c = 1; c < classes; c++) if (scores[start + c]! > largest) largest = scores[start + c]!;
    let others = 0;
    for (let at = start; at < start + classes; at++) {
      if (at === label) continue;
      const exponential = Math.exp(scores[at]! - largest);
      residuals[at] = exponential;
      others += exponential;
    }
    const margin = largest - scores[label]!;
    const sum = others + Math.exp(-margin);
    // Without taking probabilities from 1: residuals may be smaller than its rounding.
    loss += margin === 0 ? Math.log1p(others) : Math.log(sum) + margin;
    for (let at = start; at < start + classes; at++) residuals[at]! /= -sum;
    residuals[label] = others / sum;
  }
  return loss;
}

/** Second derivative of the loss along a change of the scores. */
function curvature(
  residuals: Float64Array,
  labels: Int32Array,
  classes: number,
  scoreStep: Float64Array,
): number {
  let total = 0;
  for (let i = 0; i < labels.length; i++) {
    let first = 0;
    let second = 0;
    for (let c = 0, at = i * classes; c < classes; c++, at++) {
      const probability = (c === labels[i] ? 1 : 0) - residuals[at]!;
      first += probability * scoreStep[at]!;
      second += probability * scoreStep[at]! ** 2;
    }
    total += second - first * first;
  }
  return total;
}
