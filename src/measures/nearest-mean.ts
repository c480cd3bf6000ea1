import { InputError } from '../input-error.ts';
import { aroundMeanOfMeans } from './class-means.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { Measured, Undefined } from './measured.ts';
import { addRowProducts } from './row-products.ts';

/** A linear classifier over embeddings. */
export interface LinearClassifier {
  /** [classes, dimension]. */
  readonly values: Float32Array | Float64Array;
  readonly bias?: Float32Array | Float64Array | undefined;
}

/** Index of the nearest class mean (Euclidean), one per example; the first of equals. Undefined where a class is empty. */
function nearestMeans(embeddings: Embeddings, statistics: ClassStatistics): Int32Array | Undefined {
  const few = tooFew(statistics, 1);
  if (few !== null) return few;
  const { means, dimension, counts } = statistics;
  if (embeddings.dimension !== dimension)
    throw new InputError(`embeddings of dimension ${embeddings.dimension} and means of ${dimension}`);
  const classes = counts.length;
  // So that ||m||^2/2 - x.m keeps its digits.
  const { centre, centred } = aroundMeanOfMeans(means, dimension);
  const bias = new Float64Array(classes);
  centred.forEach((value, i) => {
    bias[Math.floor(i / dimension)]! -= (value * value) / 2;
  });
  return largestScores(embeddings, { values: centred, bias }, centre);
}

/** Index of the largest logit, one per example; the first of equals. Throws InputError for weights of another shape. */
export function classifierPredictions(embeddings: Embeddings, classifier: LinearClassifier): Int32Array {
  const { dimension, classNames } = embeddings;
  const { values, bias } = classifier;
  if (
    values.length !== classNames.length * dimension ||
    (bias !== undefined && bias.length !== classNames.length)
  )
    throw new InputError(
      `classifier: ${values.length} weights and ${bias?.length ?? 0} biases; ${classNames.length} classes of dimension ${dimension} need ${classNames.length * dimension} and ${classNames.length}`,
    );
  return largestScores(embeddings, classifier, new Float64Array(dimension));
}

/** NC4: share of examples on which the classifier and the nearest class mean disagree (Papyan et al. 2020). */
export function nc4Disagreement(
  predictions: Int32Array,
  embeddings: Embeddings,
  statistics: ClassStatistics,
): Measured {
  if (predictions.length !== embeddings.labels.length)
    throw new InputError(`${predictions.length} predictions for ${embeddings.labels.length} examples`);
  const nearest = nearestMeans(embeddings, statistics);
  if (!(nearest instanceof Int32Array)) return nearest;
  return share(nearest, (mean, example) => mean !== predictions[example]);
}

export interface NearestMeanErrors {
  /** Share of the test examples. */
  readonly error: number;
  /** Mean over classes of each one's share, which the bounds are of; null where a class has no test examples. */
  readonly errorOverClasses: number | null;
}

/** How many test examples have a nearest class mean, of the training statistics, that is not their class's. */
export function nearestMeanErrors(train: ClassStatistics, test: Embeddings): NearestMeanErrors | Undefined {
  if (test.classNames.join('\n') !== train.classNames.join('\n'))
    throw new InputError('nearest-mean error: the test examples have other classes than the means');
  const nearest = nearestMeans(test, train);
  if (!(nearest instanceof Int32Array)) return nearest;
  if (nearest.length === 0) return { undefinedBecause: 'there are no test examples' };
  const wrong = new Float64Array(train.counts.length);
  const counts = new Float64Array(train.counts.length);
  for (const [example, label] of test.labels.entries()) {
    counts[label]! += 1;
    if (nearest[example] !== label) wrong[label]! += 1;
  }
  const sum = (values: Float64Array): number => values.reduce((total, value) => total + value, 0);
  return {
    error: sum(wrong) / nearest.length,
    errorOverClasses: counts.includes(0)
      ? null
      : sum(wrong.map((count, c) => count / counts[c]!)) / counts.length,
  };
}

const share = (values: Int32Array, counted: (value: number, at: number) => boolean): number =>
  values.filter((value, at) => counted(value, at)).length / values.length;

function largestScores(
  { values, labels, dimension }: Embeddings,
  { values: weights, bias }: LinearClassifier,
  centre: Float64Array,
): Int32Array {
  const scores = new Float64Array(weights.length / dimension);
  const matrix = Float64Array.from(weights);
  const row = new Float64Array(dimension);
  return labels.map((_, example) => {
    for (let k = 0; k < dimension; k++) row[k] = values[example * dimension + k]! - centre[k]!;
    let best = 0;
    let largest = Number.NEGATIVE_INFINITY;
    if (bias === undefined) scores.fill(0);
    else scores.set(bias);
    addRowProducts(scores, row, matrix);
    for (let c = 0; c < scores.length; c++)
      if (scores[c]! > largest) {
        largest = scores[c]!;
        best = c;
      }
    return best;
  });
}
