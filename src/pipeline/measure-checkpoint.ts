import { resolvePrecision } from '../backend/precision.ts';
import type { RunConfig } from '../config/schema.ts';
import type { ImageSet, StudyData } from '../data/image-set.ts';
import { classSizes, subsetPerClass } from '../data/selection.ts';
import type { ComplexityOptions } from '../measures/geometric-complexity/geometric-complexity.ts';
import { type MeasuredSplit, measureSplit, nearestMeanRecord } from '../measures/measure-split.ts';
import type { SplitMeasures } from '../measures/record.ts';
import { sharpness } from '../measures/sharpness.ts';
import { classifierOf } from '../models/classifier.ts';
import { inferenceModel } from '../models/inference-model.ts';
import type { Network } from '../models/network.ts';
import type { StateDict } from '../models/weights.ts';
import { type KnownEmbeddings, measureTransfer } from './measure-transfer.ts';
import type { CheckpointRecord } from './records.ts';

/** Other classes per example for directional geometric collapse: two tell pairs and examples apart. */
const defaultPairs = 2;

/**
 * Everything that a study asks of one network: geometric complexity and collapse on the source's train and test images and
 * on held-out classes, few-shot accuracy on these, and the source's sharpness where the config asks for it.
 */
export const measureCheckpoint = async (
  network: Network,
  weights: StateDict,
  config: RunConfig,
  data: StudyData,
): Promise<Pick<CheckpointRecord, 'measures' | 'sharpness' | 'fewshot'>> => {
  const { measure, fewshot } = config;
  const { normalization } = data;
  const model = inferenceModel(network, weights, resolvePrecision(measure.precision));
  const classifier = classifierOf(network, weights);
  const complexity = complexityOptions(measure);
  const reduced = (set: ImageSet): ImageSet =>
    measure.collapseExamples === undefined
      ? set
      : subsetPerClass(set, smallestClass(set, measure.collapseExamples), measure.seed);
  const measured = (split: SplitMeasures['split'], set: ImageSet): Promise<MeasuredSplit> =>
    measureSplit({
      set: reduced(set),
      normalization,
      model,
      complexity,
      directionalPairs: measure.directionalPairs ?? defaultPairs,
      batchSize: split === 'sourceTrain' ? config.training.batchSize : undefined,
      classifier: split.startsWith('source') ? classifier : null,
    });
  try {
    const train = await measured('sourceTrain', data.sourceTrain);
    const test = await measured('sourceTest', data.sourceTest);
    const measures: SplitMeasures[] = [
      { split: 'sourceTrain', ...train.measures },
      { split: 'sourceTest', ...test.measures, nearestMean: nearestMeanRecord(train, test.embeddings) },
    ];
    const splits =
      fewshot.split === 'validation' ? (['validation', 'target'] as const) : (['target'] as const);
    // Of reduced splits, measuring has not embedded all images.
    const isWhole = measure.collapseExamples === undefined;
    const known: { -readonly [split in keyof KnownEmbeddings]: KnownEmbeddings[split] } = isWhole
      ? { sourceTrain: train.embeddings.values }
      : {};
    for (const split of splits) {
      const set = data[split];
      if (set === null) continue;
      const heldOut = await measured(split, set);
      measures.push({ split, ...heldOut.measures });
      if (isWhole) known[split] = heldOut.embeddings.values;
    }
    return {
      measures,
      ...(measure.sharpness && { sharpness: await sharpnessOf(network, weights, data, measure) }),
      fewshot: await measureTransfer(model.primal, data, config, known),
    };
  } finally {
    model.dispose();
  }
};

const sharpnessOf = (
  network: Network,
  weights: StateDict,
  { sourceTrain, normalization }: StudyData,
  { sharpness: asked, seed }: RunConfig['measure'],
) => {
  const { adaptiveRho, plainRho, examples } = asked!;
  const steps = [
    { kind: 'adaptive', rho: adaptiveRho },
    { kind: 'plain', rho: plainRho },
  ] as const;
  return sharpness(network, weights, sourceTrain, normalization, { steps, examples, seed });
};

/** A run's own measures: of the embedding, with the defaults where a config has no key. */
export const complexityOptions = (measure: RunConfig['measure']): ComplexityOptions => ({
  ...measure,
  layer: 'embedding',
});

const smallestClass = (set: ImageSet, wanted: number): number => Math.min(wanted, ...classSizes(set));
