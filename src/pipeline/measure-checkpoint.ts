import { resolvePrecision } from '../backend/precision.ts';
import type { RunConfig } from '../config/schema.ts';
import type { ImageSet, StudyData } from '../data/image-set.ts';
import { isOwnTarget, type Targets } from '../data/targets.ts';
import type { Embedded } from '../measures/embed-layers.ts';
import { nearestMeanRecord } from '../measures/measure-split.ts';
import type { ElsewhereMeasures, SplitMeasures } from '../measures/record.ts';
import { sharpness } from '../measures/sharpness.ts';
import { classifierOf } from '../models/classifier.ts';
import { inferenceModel } from '../models/inference-model.ts';
import type { Network } from '../models/network.ts';
import type { StateDict } from '../models/weights.ts';
import { type MeasuredLayer, measureLayers } from './measure-layers.ts';
import { elsewhereOf, measureTransfer } from './measure-transfer.ts';
import type { CheckpointRecord } from './records.ts';
import { fewshotSets, measuredSets } from './target-sets.ts';

type Found = Pick<CheckpointRecord, 'measures' | 'sharpness' | 'fewshot' | 'elsewhere'>;

/**
 * Everything that a study asks of one network: geometric complexity and collapse on the source's train and test images and on
 * each target, few-shot accuracy on these, all at each layer asked for, and the source's sharpness where the config asks for it.
 */
export const measureCheckpoint = async (
  network: Network,
  weights: StateDict,
  config: RunConfig,
  data: StudyData,
  targets: Targets = new Map(),
): Promise<Found> => {
  const { measure, fewshot } = config;
  const { normalization } = data;
  const model = inferenceModel(network, weights, resolvePrecision(measure.precision));
  const classifier = classifierOf(network, weights);
  const episodesOf = fewshotSets(config, data, targets);
  const known = new Map<string, Embedded>();
  const measured = async (name: string, set: ImageSet): Promise<readonly MeasuredLayer[]> => {
    const isSource = name === 'sourceTrain' || name === 'sourceTest';
    const { layers, embedded } = await measureLayers({
      ...{ set, normalization, model, measure },
      classifier: isSource ? classifier : null,
      batchSize: name === 'sourceTrain' ? config.training.batchSize : undefined,
      alsoEmbedded: name === 'sourceTest' ? [] : (fewshot.layers ?? ['embedding']),
    });
    if (embedded !== null) known.set(name, embedded);
    return layers;
  };
  const found: Placed[] = [];
  try {
    const train = await measured('sourceTrain', data.sourceTrain);
    const test = await measured('sourceTest', data.sourceTest);
    for (const each of train) found.push({ set: 'sourceTrain', ...each });
    for (const [at, each] of test.entries())
      found.push({
        ...{ set: 'sourceTest', ...each },
        measures: { ...each.measures, nearestMean: nearestMeanRecord(train[at]!, each.embeddings) },
      });
    for (const [set, images] of measuredSets(config, data, targets))
      for (const each of await measured(set, images)) found.push({ set, ...each });
    const fineTuned = { model: config.model, imageShape: network.imageShape, weights };
    const transfers = await measureTransfer({ model, data, config, targets: episodesOf, known, fineTuned });
    const own = transfers.find(({ set, layer }) => isOwnTarget(set) && layer === 'embedding');
    const elsewhere = {
      measures: found.filter((each) => splitOf(each) === null).map(elsewhereRecord),
      fewshot: transfers.filter((each) => each !== own).map((each) => elsewhereOf(each, model)),
    };
    const isElsewhere = elsewhere.measures.length + elsewhere.fewshot.length > 0;
    return {
      measures: found.flatMap((each): SplitMeasures[] => {
        const split = splitOf(each);
        return split === null ? [] : [{ split, ...each.measures }];
      }),
      ...(measure.sharpness && { sharpness: await sharpnessOf(network, weights, data, measure) }),
      fewshot: own === undefined ? null : { split: own.set as 'target' | 'validation', ...own.record },
      ...(isElsewhere && { elsewhere }),
    };
  } finally {
    model.dispose();
  }
};

/** One layer of one set. */
interface Placed extends MeasuredLayer {
  readonly set: string;
  readonly measures: Omit<SplitMeasures, 'split'>;
}

/** The split of the study whose embedding it is; null for what stands elsewhere. */
const splitOf = ({ set, layer }: Placed): SplitMeasures['split'] | null =>
  layer === 'embedding' && (isOwnTarget(set) || set === 'sourceTrain' || set === 'sourceTest') ? set : null;

const elsewhereRecord = ({ set, layer, pooling, measures, unpooled }: Placed): ElsewhereMeasures => ({
  ...{ set, layer, pooling, ...measures },
  ...(unpooled && { geometricComplexityUnpooled: unpooled }),
});

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
