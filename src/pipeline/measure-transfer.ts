import type { RunConfig } from '../config/schema.ts';
import { augmentedCopy } from '../data/augmentation/augmented-copy.ts';
import type { ImageSet, StudyData } from '../data/image-set.ts';
import { meanRow, type SupportEmbeddings } from '../fewshot/features.ts';
import type { FewshotRecord } from '../fewshot/record.ts';
import { evaluateRun } from '../fewshot/run-evaluation.ts';
import { embedSet } from '../measures/embed-set.ts';
import type { NetworkOnDevice } from '../models/inference-model.ts';
import { outputSize } from '../models/network.ts';

/** Embeddings that measuring has already made of all images of a split; others are made. */
export type KnownEmbeddings = Readonly<
  Partial<Record<'sourceTrain' | 'validation' | 'target', Float32Array | Float64Array>>
>;

/** Few-shot accuracy on the held-out classes that the config names; null where the study has none. */
export const measureTransfer = async (
  model: NetworkOnDevice,
  data: StudyData,
  { fewshot, data: augmentation }: Pick<RunConfig, 'fewshot' | 'data'>,
  known: KnownEmbeddings,
): Promise<FewshotRecord | null> => {
  const { normalization, sourceTrain, validation } = data;
  const heldOut = data[fewshot.split];
  if (heldOut === null) return null;
  const dimension = outputSize(model.network, 'embedding');
  const embed = async (set: ImageSet) => (await embedSet(model, set, normalization, ['embedding']))[0]!;
  const embeddingsOf = async (split: 'validation' | 'target', set: ImageSet): Promise<SupportEmbeddings> => {
    const copies: Float32Array[] = [];
    for (let copy = 0; copy < (fewshot.augmentedSupports ?? 0); copy++)
      copies.push(await embed(augmentedCopy(set, augmentation, fewshot.seed, copy)));
    const values = known[split] ?? (await embed(set));
    return { values, dimension, labels: set.labels, classNames: set.classNames, copies };
  };
  const choosesPenalty = fewshot.C === 'auto' && fewshot.readouts.includes('logistic') && validation !== null;
  const embeddings = {
    heldOut: await embeddingsOf(fewshot.split, heldOut),
    validation: choosesPenalty ? await embeddingsOf('validation', validation) : undefined,
    baseMean:
      fewshot.centre === 'base'
        ? meanRow(known.sourceTrain ?? (await embed(sourceTrain)), dimension)
        : undefined,
  };
  return evaluateRun(embeddings, fewshot).record;
};
