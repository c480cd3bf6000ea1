import type { RunConfig } from '../config/schema.ts';
import type { ImageSet, Normalization } from '../data/image-set.ts';
import { classSizes, subsetPerClass } from '../data/selection.ts';
import { type Embedded, embedLayers } from '../measures/embed-layers.ts';
import {
  type ComplexityOptions,
  geometricComplexity,
} from '../measures/geometric-complexity/geometric-complexity.ts';
import { type MeasuredSplit, measureSplit } from '../measures/measure-split.ts';
import type { LinearClassifier } from '../measures/nearest-mean.ts';
import type { GeometricComplexityRecord } from '../measures/record.ts';
import type { InferenceModel } from '../models/inference-model.ts';
import { type Pooling, pooledModel, poolingOf } from '../models/pooled-outputs.ts';

/** Other classes per example for directional geometric collapse: two tell pairs and examples apart. */
export const defaultPairs = 2;

export interface LayersTask {
  readonly set: ImageSet;
  readonly normalization: Normalization;
  readonly model: InferenceModel;
  readonly measure: RunConfig['measure'];
  /** Over the set's classes; null where the network was not trained on them. */
  readonly classifier: LinearClassifier | null;
  /** Images of a training batch, for measures inside batches. */
  readonly batchSize: number | undefined;
  /** Layers that few-shot evaluation reads of the same images. */
  readonly alsoEmbedded: readonly string[];
}

export interface MeasuredLayer extends MeasuredSplit {
  readonly layer: string;
  readonly pooling: Pooling;
  /** Of the feature map without pooling, where the config asks for it. */
  readonly unpooled: GeometricComplexityRecord | null;
}

export interface MeasuredLayers {
  /** In the config's order. */
  readonly layers: readonly MeasuredLayer[];
  /** Of all images of the set; null where only some of each class are measured. */
  readonly embedded: Embedded | null;
}

/** Everything that a run measures of one set, at each of its layers; one forward pass gives all embeddings. */
export const measureLayers = async (task: LayersTask): Promise<MeasuredLayers> => {
  const { set: whole, normalization, model, measure, classifier, batchSize, alsoEmbedded } = task;
  const names = measure.layers ?? ['embedding'];
  const { collapseExamples } = measure;
  const isWhole = collapseExamples === undefined;
  const set = isWhole ? whole : subsetPerClass(whole, smallestClass(whole, collapseExamples), measure.seed);
  const wanted = isWhole ? [...new Set([...names, ...alsoEmbedded])] : names;
  const embedded = await embedLayers(model.primal, set, normalization, wanted);
  const layers: MeasuredLayer[] = [];
  for (const layer of names) {
    const complexity = { ...complexityOptions(measure, layer), ofSizes: classSizes(whole) };
    const pooling = poolingOf(model.network, layer);
    const found = await measureSplit({
      ...{ set, normalization, classifier, batchSize, complexity, embedded },
      model: pooledModel(model, [layer]),
      directionalPairs: measure.directionalPairs ?? defaultPairs,
    });
    const unpooled =
      measure.unpooledComplexity === true && pooling === 'average'
        ? (await geometricComplexity(model, set, normalization, complexity)).record
        : null;
    layers.push({ ...found, layer, pooling, unpooled });
  }
  return { layers, embedded: isWhole ? embedded : null };
};

/** A run's own geometric complexity: of the embedding where no layer is named. */
export const complexityOptions = (measure: RunConfig['measure'], layer = 'embedding'): ComplexityOptions => {
  const { layers: _, targets: __, ...options } = measure;
  return { ...options, layer };
};

const smallestClass = (set: ImageSet, wanted: number): number => Math.min(wanted, ...classSizes(set));
