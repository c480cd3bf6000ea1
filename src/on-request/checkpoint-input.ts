import { resolvePrecision } from '../backend/precision.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { exampleCount, type ImageSet } from '../data/image-set.ts';
import { greyToColour, selectClasses } from '../data/selection.ts';
import { sourceOptions } from '../data/source-options.ts';
import { openDataSource } from '../data/sources.ts';
import { type CacheOutcome, cachedEmbeddings, fedSha256 } from '../fewshot/embedding-cache.ts';
import type { LabelledEmbeddings } from '../fewshot/embeddings-file.ts';
import { meanRow } from '../fewshot/features.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { type CheckpointSet, openCheckpoint, openCheckpointSet } from './checkpoint-set.ts';

export interface CheckpointRequest {
  readonly data?: string | undefined;
  readonly split?: string | undefined;
  readonly layer: string;
  readonly precision: 'float32' | 'bfloat16' | 'auto';
  /** Whether the data set's own test examples are wanted, for a probe on all others. */
  readonly markTest: boolean;
  /** Whether the mean embedding of the training images is wanted. */
  readonly baseMean: boolean;
}

export interface CheckpointInput extends LabelledEmbeddings {
  readonly checkpoint: string;
  readonly data: string;
  readonly split: string;
  readonly precision: 'float32' | 'bfloat16';
  readonly cache: CacheOutcome;
  readonly dataMatchesTraining: boolean | null;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Embeddings of a split by a checkpoint, from the cache in its folder where they are: TensorFlow is loaded only to compute them.
 * The split is the held-out target classes where none is named. Throws InputError of one line.
 */
export async function checkpointInput(
  folder: string,
  request: CheckpointRequest,
  environment: Environment,
): Promise<CheckpointInput> {
  const { layer, markTest, baseMean } = request;
  const checkpoint = openCheckpoint(folder);
  const asked = await openCheckpointSet(checkpoint, request, environment, 'target');
  const precision = resolvePrecision(request.precision);
  const { embeddings, outcome } = await embeddingsOf(checkpoint, asked, layer, precision);
  const base = baseMean
    ? await embeddingsOf(
        checkpoint,
        await openCheckpointSet(checkpoint, { split: 'sourceTrain' }, environment, 'sourceTrain'),
        layer,
        precision,
      )
    : null;
  return {
    checkpoint: checkpoint.folder,
    data: asked.data,
    split: asked.split,
    precision,
    embeddings,
    isTest: markTest ? await ownTestExamples(checkpoint, asked, environment) : null,
    baseMean: base === null ? null : meanRow(base.embeddings.values, base.embeddings.dimension),
    cache: outcome,
    dataMatchesTraining: asked.dataMatchesTraining,
  };
}

async function embeddingsOf(
  checkpoint: Checkpoint,
  asked: CheckpointSet,
  layer: string,
  precision: 'float32' | 'bfloat16',
): Promise<{ readonly embeddings: Embeddings; readonly outcome: CacheOutcome }> {
  const { set, normalization, split } = asked;
  const key = {
    weights: checkpoint.state.files.weights,
    data: fedSha256(set, normalization),
    split,
    precision,
    layer,
  };
  const { values, dimension, outcome } = await cachedEmbeddings(
    checkpoint.folder,
    key,
    exampleCount(set),
    async () => {
      const { embedCheckpoint } = await import('./embed-checkpoint.ts');
      const found = await embedCheckpoint(checkpoint, asked, { layer, precision });
      return { values: Float32Array.from(found.values), dimension: found.dimension };
    },
  );
  return { embeddings: { values, dimension, labels: set.labels, classNames: set.classNames }, outcome };
}

/** The set's last examples, where they are the data set's own test images of its classes; null where they are not. */
async function ownTestExamples(
  { config, state }: Checkpoint,
  { set, data }: CheckpointSet,
  environment: Environment,
): Promise<Uint8Array | null> {
  const source = openDataSource(data, {
    ...sourceOptions(environment),
    imageSize: config.data.imageSize ?? state.imageShape[0],
    resize: config.data.resize,
  });
  const loaded = selectClasses(await source.load('test'), set.classNames);
  const test: ImageSet = set.channels === 3 ? greyToColour(loaded) : loaded;
  const from = set.images.length - test.images.length;
  const total = exampleCount(set);
  const count = exampleCount(test);
  if (count === 0 || count >= total || !Buffer.from(set.images.subarray(from)).equals(test.images))
    return null;
  return Uint8Array.from({ length: total }, (_, example) => (example >= total - count ? 1 : 0));
}
