import { choosesPenalty } from '../config/fewshot-schema.ts';
import type { RunConfig } from '../config/schema.ts';
import { augmentedCopy } from '../data/augmentation/augmented-copy.ts';
import type { ImageSet, StudyData } from '../data/image-set.ts';
import type { EpisodeEvaluation } from '../fewshot/evaluate.ts';
import type { SupportEmbeddings } from '../fewshot/features.ts';
import { type FineTuneSource, fineTuneResults } from '../fewshot/fine-tune/fine-tune-results.ts';
import type { FewshotElsewhere, FewshotRecord } from '../fewshot/record.ts';
import { evaluateRun } from '../fewshot/run-evaluation.ts';
import { meanRow } from '../linear-algebra/mean-row.ts';
import { type Embedded, embedLayers } from '../measures/embed-layers.ts';
import type { InferenceModel } from '../models/inference-model.ts';
import { outputSize } from '../models/network.ts';
import { poolingOf, withPooledOutputs } from '../models/pooled-outputs.ts';

/** Embeddings that measuring has already made of all images of a set, by its name; others are made. */
export type KnownEmbeddings = ReadonlyMap<string, Embedded>;

export interface TransferTask {
  readonly model: InferenceModel;
  readonly data: StudyData;
  readonly config: Pick<RunConfig, 'fewshot' | 'data'>;
  /** The sets that episodes are drawn from, in the config's order. */
  readonly targets: ReadonlyMap<string, ImageSet>;
  readonly known: KnownEmbeddings;
  /** What fine-tuning starts from, less the images. */
  readonly fineTuned: Omit<FineTuneSource, 'set' | 'normalization'>;
}

/** One set's episodes at one layer: the same episodes at every layer. */
export interface Transfer {
  readonly set: string;
  readonly layer: string;
  readonly record: Omit<FewshotRecord, 'split'>;
}

/** Few-shot accuracy on each target at each layer that the config names; one forward pass per target, and one per augmented copy. */
export const measureTransfer = async (task: TransferTask): Promise<readonly Transfer[]> => {
  const { model, data, config, targets, known } = task;
  const { fewshot } = config;
  const { sourceTrain, validation, normalization } = data;
  const layers = fewshot.layers ?? ['embedding'];
  const embed = (set: ImageSet) => embedLayers(model.primal, set, normalization, layers);
  const embedded = async (name: string, set: ImageSet): Promise<Embedded> =>
    known.get(name) ?? (await embed(set));
  const withCopies = async (name: string, set: ImageSet): Promise<EmbeddedSet> => {
    const copies: Embedded[] = [];
    for (let copy = 0; copy < (fewshot.augmentedSupports ?? 0); copy++)
      copies.push(
        await embed(
          augmentedCopy(set, { augmentation: config.data, normalization, seed: fewshot.seed, copy }),
        ),
      );
    return { set, plain: await embedded(name, set), copies };
  };
  if (targets.size === 0) return [];
  const network = withPooledOutputs(model.primal.network, layers);
  const of = ({ set, plain, copies }: EmbeddedSet, layer: string): SupportEmbeddings => ({
    values: plain.get(layer)!,
    dimension: outputSize(network, layer),
    labels: set.labels,
    classNames: set.classNames,
    copies: copies.map((copy) => copy.get(layer)!),
  });
  const isChosen = choosesPenalty(fewshot) && validation !== null;
  const chosenOn = isChosen ? await withCopies('validation', validation) : undefined;
  const base = fewshot.centre === 'base' ? await embedded('sourceTrain', sourceTrain) : undefined;
  const found: Transfer[] = [];
  for (const [name, set] of targets) {
    const heldOut = await withCopies(name, set);
    for (const layer of layers) {
      const evaluation = evaluateRun(
        {
          heldOut: of(heldOut, layer),
          validation: chosenOn && of(chosenOn, layer),
          baseMean: base && meanRow(base.get(layer)!, outputSize(network, layer)),
        },
        fewshot,
      );
      const record = layer === 'embedding' ? await withFineTune(task, set, evaluation) : evaluation.record;
      found.push({ set: name, layer, record });
    }
  }
  return found;
};

interface EmbeddedSet {
  readonly set: ImageSet;
  readonly plain: Embedded;
  readonly copies: readonly Embedded[];
}

/** Fine-tuning adapts the whole network: it stands beside the readouts of the embedding. */
const withFineTune = async (
  { config: { fewshot }, data, fineTuned }: TransferTask,
  set: ImageSet,
  { record, list }: EpisodeEvaluation & Pick<Transfer, 'record'>,
): Promise<Transfer['record']> => {
  if (!fewshot.readouts.includes('fine-tune')) return record;
  const source = { ...fineTuned, set, normalization: data.normalization };
  const further = await fineTuneResults(source, list, fewshot);
  const results = fewshot.shots.flatMap((shots) =>
    [...record.results, ...further].filter((each) => each.shots === shots),
  );
  return { ...record, results };
};

/** A record for `elsewhere`, which says of what set and layer it is. */
export const elsewhereOf = (
  { set, layer, record }: Transfer,
  { network }: Pick<InferenceModel, 'network'>,
): FewshotElsewhere => ({ set, layer, pooling: poolingOf(network, layer), ...record });
