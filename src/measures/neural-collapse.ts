import type { NeuralCollapseRecord } from '../pipeline/records.ts';
import { cdnv, geometricCollapse } from './cdnv.ts';
import { type ClassStatistics, classStatistics } from './class-statistics.ts';
import type { Embeddings } from './embeddings.ts';
import {
  nc2EquiangularStd,
  nc2Equinorm,
  nc2MaxAngle,
  nc3SelfDuality,
  simplexEtfError,
} from './mean-structure.ts';
import { classifierPredictions, type LinearClassifier, nc4Disagreement } from './nearest-mean.ts';
import { isDefined, type Quantity, undefinedBecause } from './quantity.ts';
import { nc1 } from './variability.ts';

export interface NeuralCollapseOptions {
  /** The classifier over the same classes; NC3 and NC4 are null without it. */
  readonly classifierWeights?: LinearClassifier | undefined;
  /** Geometric complexity over each class; geometric collapse is null without it. */
  readonly geometricComplexityPerClass?: readonly (number | null)[] | undefined;
}

/**
 * All measures of neural collapse of one split's embeddings. A quantity that is not defined (an empty class, a class of one
 * example, coinciding means, no classifier) is null, and `undefinedBecause` says why. Throws InputError for embeddings that
 * are not finite and for shapes that do not match.
 */
export function neuralCollapse(
  embeddings: Embeddings,
  { classifierWeights, geometricComplexityPerClass }: NeuralCollapseOptions = {},
): NeuralCollapseRecord {
  const statistics = classStatistics(embeddings);
  const noClassifier = undefinedBecause('there is no classifier for these classes');
  const quantities = {
    cdnv: cdnv(statistics),
    cdnvBiasCorrected: cdnv(statistics, { biasCorrected: true }),
    geometricCollapse:
      geometricComplexityPerClass === undefined
        ? undefinedBecause('the geometric complexity of the classes was not measured')
        : geometricCollapse(geometricComplexityPerClass, statistics),
    nc1: nc1(embeddings, statistics),
    nc2Equinorm: nc2Equinorm(statistics),
    nc2EquiangularStd: nc2EquiangularStd(statistics),
    nc2MaxAngle: nc2MaxAngle(statistics),
    simplexEtfError: simplexEtfError(statistics),
    nc3SelfDuality:
      classifierWeights === undefined ? noClassifier : nc3SelfDuality(classifierWeights.values, statistics),
    nc4Disagreement:
      classifierWeights === undefined
        ? noClassifier
        : nc4Disagreement(classifierPredictions(embeddings, classifierWeights), embeddings, statistics),
  };
  return { ...describe(statistics), ...split(quantities) };
}

const describe = ({ examples, counts }: ClassStatistics) => ({
  examples,
  classes: counts.length,
  balanced: counts.every((count) => count === counts[0]),
});

/** Numbers and nulls by key, and the reasons for the nulls. */
function split<Key extends string>(quantities: Readonly<Record<Key, Quantity>>) {
  const values = {} as Record<Key, number | null>;
  const reasons: Record<string, string> = {};
  for (const key of Object.keys(quantities) as Key[]) {
    const quantity = quantities[key];
    if (isDefined(quantity)) values[key] = quantity;
    else {
      values[key] = null;
      reasons[key] = quantity.undefinedBecause;
    }
  }
  return { ...values, ...(Object.keys(reasons).length > 0 ? { undefinedBecause: reasons } : {}) };
}
