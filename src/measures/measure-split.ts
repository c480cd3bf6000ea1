import type { ImageSet, Normalization } from '../data/image-set.ts';
import { classSizes } from '../data/selection.ts';
import type { InferenceModel } from '../models/inference-model.ts';
import { outputSize } from '../models/network.ts';
import { cdnvBound } from './bound.ts';
import { type ClassStatistics, classStatistics } from './class-statistics.ts';
import { lossAndAccuracy } from './cross-entropy.ts';
import type { Embedded } from './embed-layers.ts';
import { embedSet } from './embed-set.ts';
import type { Embeddings } from './embeddings.ts';
import { collapseEstimate } from './geometric-complexity/collapse-estimate.ts';
import { directionalCollapse } from './geometric-complexity/directional-complexity.ts';
import {
  type Complexity,
  type ComplexityOptions,
  geometricComplexity,
} from './geometric-complexity/geometric-complexity.ts';
import { isDefined, undefinedBecause } from './measured.ts';
import type { LinearClassifier } from './nearest-mean.ts';
import { nearestMeanErrors } from './nearest-mean.ts';
import { neuralCollapse } from './neural-collapse.ts';
import { poincareFloor } from './poincare-floor.ts';
import type { NearestMeanRecord, SplitMeasures } from './record.ts';

export interface SplitTask {
  readonly set: ImageSet;
  readonly normalization: Normalization;
  /** Its precision is that of geometric complexity's products; embeddings, loss and collapse are in float32. */
  readonly model: InferenceModel;
  /** The network's last layer where the set has the classes it was trained on; NC3, NC4, loss and accuracy need it. */
  readonly classifier: LinearClassifier | null;
  /** Why there are no transfer scores; where absent, only classes that the classifier tells apart have none. */
  readonly noTransfer?: string | null | undefined;
  readonly complexity: ComplexityOptions;
  /** Other classes per example for directional geometric collapse; it is not measured with 0. */
  readonly directionalPairs: number;
  /** Images of a training batch, for measures inside batches. */
  readonly batchSize?: number | undefined;
  /** The layer and the logits of the set where they are known; they are computed where absent. */
  readonly embedded?: Embedded | undefined;
}

export interface MeasuredSplit {
  readonly measures: Omit<SplitMeasures, 'split'>;
  readonly embeddings: Embeddings;
  readonly complexity: Complexity;
}

/** Geometric complexity and neural collapse of one output of a network over one set; loss and accuracy where it has a classifier. */
export const measureSplit = async (task: SplitTask): Promise<MeasuredSplit> => {
  const { set, normalization, model, classifier, complexity: options, directionalPairs, batchSize } = task;
  const complexity = await geometricComplexity(model, set, normalization, options);
  const { layer } = options;
  const [values, logits] =
    task.embedded === undefined
      ? await embedSet(model.primal, set, normalization, [layer, 'logits'])
      : [task.embedded.get(layer), task.embedded.get('logits')];
  const dimension = outputSize(model.network, layer);
  const embeddings: Embeddings = {
    values: values!,
    dimension,
    labels: set.labels,
    classNames: set.classNames,
  };
  // An inner layer is not what the classifier reads: no NC3 and NC4 then.
  const readsLayer = layer === 'embedding' && classifier?.values.length === set.classNames.length * dimension;
  const statistics = classStatistics(embeddings);
  const directional =
    directionalPairs > 0
      ? await directionalCollapse(model, set, normalization, statistics, {
          ...options,
          pairs: directionalPairs,
        })
      : undefined;
  const measures = {
    ...(classifier === null || logits === undefined
      ? { loss: null, accuracy: null }
      : lossAndAccuracy(logits, set.labels)),
    geometricComplexity: complexity.record,
    neuralCollapse: neuralCollapse(embeddings, {
      classifier: readsLayer || classifier === null ? (classifier ?? undefined) : notRead(layer),
      complexityPerClass: complexity.perClass,
      collapseEstimate: collapseEstimate(
        complexity.perExample,
        options.ofSizes ?? classSizes(set),
        statistics,
      ),
      directionalCollapse: directional,
      batchSize,
      transfer: transferOf(task, logits),
    }),
  };
  return { measures, embeddings, complexity };
};

const notRead = (layer: string) => undefinedBecause(`the classifier does not read the layer ${layer}`);

const transferOf = ({ noTransfer, classifier, set }: SplitTask, logits: Float32Array | undefined) => {
  if (noTransfer) return undefinedBecause(`${noTransfer}; scores are of transfer to others`);
  return classifier === null ? { logits: sourceLogits(logits, set) } : undefined;
};

const sourceLogits = (values: Float32Array | undefined, { labels }: ImageSet) =>
  values === undefined ? null : { values, classes: values.length / labels.length };

/**
 * Error on test examples of the classifier by the nearest class mean of the training examples, beside its bounds 4 (k-1) CDNV and,
 * for each unit of the classes' Poincare constant, 4 (k-1) geometric collapse (the paper's figure 3).
 */
export const nearestMeanRecord = (train: MeasuredSplit, test: Embeddings): NearestMeanRecord => {
  const statistics: ClassStatistics = classStatistics(train.embeddings);
  const { cdnv, geometricCollapse, classes } = train.measures.neuralCollapse;
  const errors = nearestMeanErrors(statistics, test);
  const floor = poincareFloor(train.complexity, statistics);
  return {
    ...('error' in errors ? errors : { error: null, errorOverClasses: null }),
    examples: test.labels.length,
    cdnvBound: cdnv === null ? null : cdnvBound(cdnv, classes),
    geometricCollapseBoundPerRho: geometricCollapse === null ? null : cdnvBound(geometricCollapse, classes),
    poincareFloor: isDefined(floor) ? floor : null,
  };
};
