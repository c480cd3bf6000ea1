import { type AskedPrecision, type Precision, resolvePrecision } from '../backend/precision.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { augments } from '../config/augmentation-schema.ts';
import { augmentedCopy } from '../data/augmentation/augmented-copy.ts';
import { sourceOptions } from '../data/data-folder.ts';
import { fitImages } from '../data/fit-images.ts';
import { exampleCount } from '../data/image-set.ts';
import { selectClasses } from '../data/selection.ts';
import { openDataSource } from '../data/sources.ts';
import { type CacheOutcome, cachedEmbeddings, fedSha256 } from '../fewshot/embedding-cache.ts';
import type { LabelledEmbeddings } from '../fewshot/embeddings-file.ts';
import type { ImagesIdentity } from '../fewshot/examples-identity.ts';
import type { SupportEmbeddings } from '../fewshot/features.ts';
import { shortSha256 } from '../files/short-sha256.ts';
import { InputError } from '../input-error.ts';
import { meanRow } from '../linear-algebra/mean-row.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { isHidden, readerOf } from '../models/classifier.ts';
import { type Pooling, poolingFor } from '../models/pooled-outputs.ts';
import { type CheckpointSet, openCheckpoint, openCheckpointSet } from './checkpoint-set.ts';
import type { SetOfClasses } from './shared-classes.ts';

export interface CheckpointRequest {
  readonly data?: string | undefined;
  readonly split?: string | undefined;
  readonly layer: string;
  /** Of a layer that is a feature map; none where absent. */
  readonly pooling?: Pooling | undefined;
  readonly precision: AskedPrecision;
  /** Whether the data set's own test examples are wanted, for a probe on all others. */
  readonly markTest: boolean;
  /** Whether the mean embedding of the training images is wanted. */
  readonly baseMean: boolean;
  /** Whether embeddings of the validation classes are wanted, to choose a penalty on. */
  readonly validation: boolean;
  /** Augmented copies of each image; 0 for none. */
  readonly copies: number;
  /** Draws the copies. */
  readonly seed: number;
}

export interface CheckpointInput extends LabelledEmbeddings, SetOfClasses {
  readonly embeddings: SupportEmbeddings;
  readonly validation?: SupportEmbeddings | undefined;
  readonly checkpoint: string;
  readonly pooling: Pooling;
  readonly precision: Precision;
  readonly images: ImagesIdentity;
  readonly cache: CacheOutcome;
  readonly dataMatchesTraining: boolean | null;
  /** The same of the training images whose mean is `baseMean`; null without one. */
  readonly base: Pick<CheckpointSet, 'data' | 'dataMatchesTraining'> | null;
  readonly sharedClasses: number | null;
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
  const { markTest, baseMean } = request;
  const checkpoint = openCheckpoint(folder);
  const pooling = poolingFor(checkpoint.network, request.layer, request.pooling);
  const layer = { name: request.layer, pooling };
  const asked = await openCheckpointSet(checkpoint, request, environment, 'target');
  const precision = resolvePrecision(request.precision);
  const other = request.validation
    ? await openCheckpointSet(
        checkpoint,
        { data: request.data, split: 'validation' },
        environment,
        'validation',
      )
    : null;
  const chosenOn = new Set(other?.set.classNames);
  const both = asked.set.classNames.find((name) => chosenOn.has(name));
  if (both !== undefined)
    throw new InputError(
      `--C auto: chooses on the validation classes, and --split ${asked.split} holds them too (${both}); give a split without them, such as target`,
    );
  const { embeddings, outcome } = await embeddingsOf(checkpoint, asked, layer, precision);
  const withCopies = async (plain: Embeddings, set: CheckpointSet): Promise<SupportEmbeddings> => ({
    ...plain,
    copies: await copiesOf(checkpoint, set, request, layer, precision),
  });
  const validation = other && (await embeddingsOf(checkpoint, other, layer, precision)).embeddings;
  const baseSet = baseMean
    ? await openCheckpointSet(checkpoint, { split: 'sourceTrain' }, environment, 'sourceTrain')
    : null;
  const base = baseSet && (await embeddingsOf(checkpoint, baseSet, layer, precision)).embeddings;
  return {
    checkpoint: checkpoint.folder,
    data: asked.data,
    split: asked.split,
    pooling,
    precision,
    embeddings: await withCopies(embeddings, asked),
    validation: other === null ? undefined : await withCopies(validation!, other),
    isTest: markTest ? await ownTestExamples(checkpoint, asked, environment) : null,
    baseMean: base === null ? null : meanRow(base.values, base.dimension),
    images: imagesOf(asked),
    cache: outcome,
    dataMatchesTraining: asked.dataMatchesTraining,
    base: baseSet && { data: baseSet.data, dataMatchesTraining: baseSet.dataMatchesTraining },
    sharedClasses: asked.sharedClasses,
    noTransfer: asked.noTransfer,
  };
}

function imagesOf({ set, shownFrom }: CheckpointSet): ImagesIdentity {
  const { height, width, channels, images } = set;
  const form = `${height}x${width}x${channels}${shownFrom === null ? '' : ` from ${shownFrom}`}`;
  return { digest: shortSha256(images), form };
}

interface Layer {
  readonly name: string;
  readonly pooling: Pooling;
}

async function embeddingsOf(
  checkpoint: Checkpoint,
  asked: CheckpointSet,
  { name, pooling }: Layer,
  precision: Precision,
): Promise<{ readonly embeddings: Embeddings; readonly outcome: CacheOutcome }> {
  const { set, normalization, split } = asked;
  const key = {
    weights: checkpoint.state.files.weights,
    data: fedSha256(set, normalization),
    split,
    precision,
    // Where hidden layers follow, an older version kept the flattened features under this name.
    layer: `${name}${isHidden(checkpoint.network, name) ? `-of-${readerOf(checkpoint.network, name)}` : ''}${pooling === 'none' ? '' : `-${pooling}`}`,
  };
  const { values, dimension, outcome } = await cachedEmbeddings(
    checkpoint.folder,
    key,
    exampleCount(set),
    async () => {
      const { embedCheckpoint } = await import('./embed-checkpoint.ts');
      const found = await embedCheckpoint(checkpoint, asked, { layer: name, pooling, precision });
      return { values: Float32Array.from(found.values), dimension: found.dimension };
    },
  );
  return { embeddings: { values, dimension, labels: set.labels, classNames: set.classNames }, outcome };
}

/** Embeddings of augmented copies of every image, made as the network's training made them. */
async function copiesOf(
  checkpoint: Checkpoint,
  asked: CheckpointSet,
  { copies, seed }: CheckpointRequest,
  layer: Layer,
  precision: Precision,
): Promise<readonly (Float32Array | Float64Array)[]> {
  const augmentation = checkpoint.config.data;
  if (copies > 0 && !augments(augmentation))
    throw new InputError(
      `augmented supports: ${checkpoint.folder} was trained without augmentation (data.augmentation is none)`,
    );
  const found: (Float32Array | Float64Array)[] = [];
  for (let copy = 0; copy < copies; copy++) {
    const set = augmentedCopy(asked.set, { augmentation, normalization: asked.normalization, seed, copy });
    found.push((await embeddingsOf(checkpoint, { ...asked, set }, layer, precision)).embeddings.values);
  }
  return found;
}

/** The set's last examples, where they are the data set's own test images of its classes; null where they are not, or are drawn. */
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
  if (source.testPart() === 'drawn') return null;
  const loaded = selectClasses(await source.load('test'), set.classNames);
  const test = fitImages(loaded, [set.height, set.width, set.channels]);
  const from = set.images.length - test.images.length;
  const total = exampleCount(set);
  const count = exampleCount(test);
  if (count === 0 || count >= total || !Buffer.from(set.images.subarray(from)).equals(test.images))
    return null;
  return Uint8Array.from({ length: total }, (_, example) => (example >= total - count ? 1 : 0));
}
