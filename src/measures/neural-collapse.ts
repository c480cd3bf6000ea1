import { largestMagnitude } from '../linear-algebra/magnitude.ts';
import { onceEach } from '../once.ts';
import { publishWork } from '../work-channel.ts';
import { classStatistics } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import type { CollapseEstimate, DirectionalCollapse } from './geometric-complexity/collapse-estimate.ts';
import type { GivenInputs, MeasureInputs } from './measure.ts';
import { type MeasureKey, measureRows } from './measure-rows.ts';
import { isDefined, type Undefined, undefinedBecause } from './measured.ts';
import type { NeuralCollapseRecord } from './record.ts';

export interface NeuralCollapseOptions extends GivenInputs {
  /** Standard error and interval of geometric collapse, where examples were drawn or all were taken. */
  readonly collapseEstimate?: CollapseEstimate | undefined;
}

/**
 * All measures of one split's embeddings. A quantity that is not defined (an empty class, a class of one example, coinciding
 * means, no classifier, a number that float64 cannot hold) is null, and `undefinedBecause` says why. Throws InputError for
 * embeddings that are not finite and for shapes that do not match.
 */
export function neuralCollapse(
  embeddings: Embeddings,
  { collapseEstimate, ...given }: NeuralCollapseOptions = {},
): NeuralCollapseRecord {
  const statistics = classStatistics(embeddings);
  const inputs: MeasureInputs = { ...given, embeddings, statistics, once: onceEach() };
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
    const quantity = outside ?? compute(inputs);
    if (isDefined(quantity) && Number.isFinite(quantity)) values[key] = quantity;
    else {
      values[key] = null;
      reasons[key] = isDefined(quantity) ? 'float64 cannot hold it' : quantity.undefinedBecause;
    }
  }
  const { counts, examples } = statistics;
  const { directionalCollapse } = given;
  return {
    examples,
    classes: counts.length,
    balanced: counts.every((count) => count === counts[0]),
    ...values,
    ...(collapseEstimate === undefined || values.geometricCollapse === null
      ? {}
      : { geometricCollapseEstimate: collapseEstimate }),
    ...(directionalCollapse !== undefined && 'value' in directionalCollapse
      ? { geometricCollapseDirectionalEstimate: estimateOf(directionalCollapse) }
      : {}),
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
