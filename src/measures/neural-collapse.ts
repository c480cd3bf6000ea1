import { largestMagnitude } from '../linear-algebra/magnitude.ts';
import { onceEach } from '../once.ts';
import { publishWork } from '../work-channel.ts';
import { classStatistics } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { CollapseEstimate } from './geometric-complexity/collapse-estimate.ts';
import type { DirectionalCollapse } from './geometric-complexity/directional-complexity.ts';
import type { Stage } from './measure.ts';
import { type MeasureKey, measureRows } from './measure-rows.ts';
import type { LinearClassifier } from './nearest-mean.ts';
import { isDefined, type Undefined, undefinedBecause } from './quantity.ts';
import type { NeuralCollapseRecord } from './record.ts';

export interface NeuralCollapseOptions {
  /** The classifier over the same classes, or why there is none; NC3 and NC4 are null without it. */
  readonly classifierWeights?: LinearClassifier | Undefined | undefined;
  /** Geometric complexity over each class; geometric collapse is null without it. */
  readonly geometricComplexityPerClass?: readonly (number | null)[] | undefined;
  /** Its standard error and interval, where examples were drawn or all were taken. */
  readonly collapseEstimate?: CollapseEstimate | undefined;
  /** Null without it. */
  readonly directionalCollapse?: DirectionalCollapse | Undefined | undefined;
  /** Images of a training batch; CDNV inside batches is null without it. */
  readonly batchSize?: number | undefined;
  /** For classes that the network was not trained on, with its logits where they are known: transfer scores are null without it. */
  readonly transfer?: Stage['transfer'] | undefined;
}

/**
 * All measures of one split's embeddings. A quantity that is not defined (an empty class, a class of one example, coinciding
 * means, no classifier, a number that float64 cannot hold) is null, and `undefinedBecause` says why. Throws InputError for
 * embeddings that are not finite and for shapes that do not match.
 */
export function neuralCollapse(
  embeddings: Embeddings,
  {
    classifierWeights,
    geometricComplexityPerClass,
    collapseEstimate,
    directionalCollapse,
    batchSize,
    transfer,
  }: NeuralCollapseOptions = {},
): NeuralCollapseRecord {
  const statistics = classStatistics(embeddings);
  const isMeasured = directionalCollapse !== undefined && 'value' in directionalCollapse;
  const stage: Stage = {
    embeddings,
    statistics,
    classifier: classifierWeights ?? undefinedBecause('there is no classifier for these classes'),
    complexityPerClass: geometricComplexityPerClass,
    directionalCollapse: isMeasured ? directionalCollapse.value : directionalCollapse,
    batchSize,
    transfer:
      transfer ??
      undefinedBecause('the network was trained on these classes; scores are of transfer to others'),
    once: onceEach(),
  };
  const outside = outsideRange(embeddings);
  const values = {} as Record<MeasureKey, number | null>;
  const reasons: Record<string, string> = {};
  for (const [index, { key, compute }] of measureRows.entries()) {
    publishWork({
      what: 'measures of the embeddings',
      unit: 'measures',
      done: index,
      of: measureRows.length,
    });
    const quantity = outside ?? compute(stage);
    if (isDefined(quantity) && Number.isFinite(quantity)) values[key] = quantity;
    else {
      values[key] = null;
      reasons[key] = isDefined(quantity) ? 'float64 cannot hold it' : quantity.undefinedBecause;
    }
  }
  const { counts, examples } = statistics;
  const estimated = isMeasured ? directionalCollapse : null;
  return {
    examples,
    classes: counts.length,
    balanced: counts.every((count) => count === counts[0]),
    ...values,
    ...(collapseEstimate === undefined || values.geometricCollapse === null
      ? {}
      : { geometricCollapseEstimate: collapseEstimate }),
    ...(estimated === null ? {} : { geometricCollapseDirectionalEstimate: estimateOf(estimated) }),
    ...(Object.keys(reasons).length > 0 ? { undefinedBecause: reasons } : {}),
  };
}

/** Squares of squares of such embeddings would overflow or vanish, and a wrong number could pass for a measure. */
function outsideRange({ values }: Embeddings): Undefined | null {
  const largest = largestMagnitude(values);
  return largest !== 0 && (largest < 1e-70 || largest > 1e70)
    ? undefinedBecause(
        `the largest value is ${largest.toExponential(1)}: its powers leave the range of float64`,
      )
    : null;
}

const estimateOf = ({ standardError, ci95, examples, pairs }: DirectionalCollapse) => ({
  standardError,
  ci95,
  examples,
  pairs,
});
