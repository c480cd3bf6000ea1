import type { Precision } from '../backend/precision.ts';
import type { Pooling } from '../models/pooled-outputs.ts';
import type { RequestedOptions } from '../readouts/readout-options.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import type { EmbeddingsFile, LabelledEmbeddings } from './embeddings-file.ts';
import { episodeDigest } from './episode-digest.ts';
import type { EpisodeList } from './episodes.ts';
import { centreName, type EpisodeEvaluation, evaluateEpisodes } from './evaluate.ts';
import type { ImagesIdentity } from './examples-identity.ts';
import type { FeatureOptions, SupportEmbeddings } from './features.ts';
import { fullProbe } from './full-probe.ts';
import { optionsRead, resolveOptions } from './resolve-options.ts';

/** What is evaluated: the names are the record's. */
export interface EvalInput extends LabelledEmbeddings {
  readonly embeddings: SupportEmbeddings;
  /** For C `auto`. */
  readonly validation?: SupportEmbeddings | undefined;
  /** Null for embeddings from a file. */
  readonly checkpoint: string | null;
  readonly data: string;
  readonly split: string | null;
  /** Null where the embeddings' maker is unknown. */
  readonly layer: string | null;
  /** Of a layer that is a feature map; absent for embeddings from a file. */
  readonly pooling?: Pooling | undefined;
  readonly precision: Precision | EmbeddingsFile['precision'];
  /** Absent where the images are unknown. */
  readonly images?: ImagesIdentity | undefined;
}

export interface EvalRequest {
  readonly ways: number | 'all';
  readonly shots: readonly (number | 'all')[];
  readonly queries: number;
  readonly episodes: number;
  /** No example in two episodes; `episodes` is then the most that are drawn. */
  readonly disjoint?: boolean | undefined;
  readonly readouts: readonly ReadoutName[];
  readonly seed: number;
  readonly features: FeatureOptions;
  readonly readoutOptions: RequestedOptions;
  readonly list?: EpisodeList | undefined;
}

/** One accuracy with all that it depends on. */
export interface EvalResult {
  readonly shots: number | 'all';
  readonly readout: string;
  readonly accuracy: number;
  readonly ci95: readonly [number, number];
  /** What the interval is over: never training seeds. */
  readonly intervalOver: 'episodes' | 'test examples';
  /** How many of them. */
  readonly n: number;
  /** True where no image is in two episodes: the interval then holds for new images of these classes. */
  readonly disjoint?: true;
  /** Augmented copies that stand for each support. */
  readonly augmentedSupports?: number;
  readonly ways: number;
  readonly chance: number;
  /** For `all`: the share of the test examples that are of their largest class; 1 / ways where classes are of one size. */
  readonly majorityShare?: number;
  readonly seed: number;
  /** Digits that name the list of episodes; null for `all`. */
  readonly episodeList: string | null;
  readonly trainExamples: number;
  /** For `all`: where the test examples come from. */
  readonly tested: string | null;
  readonly layer: string | null;
  /** `none` for a layer that is a vector; absent for embeddings from a file. */
  readonly pooling?: Pooling;
  readonly dimension: number;
  readonly precision: EvalInput['precision'];
  readonly examples: number;
  readonly classes: number;
  readonly centre: 'none' | 'support' | 'base';
  readonly normalize: boolean;
  /** The readout's options, such as scikit-learn's C or alpha; null for readouts without one. */
  readonly regularization: Readonly<Record<string, number | string>> | null;
  /** Fits that ended before their minimum. */
  readonly unconverged: number;
}

/** What `gcnc eval --json` prints. */
export interface EvalRecord {
  readonly checkpoint: string | null;
  readonly data: string;
  readonly split: string | null;
  readonly ways: number;
  /** Null where no episode was drawn: all supports, and all classes as ways. */
  readonly queries: number | null;
  readonly episodes: number | null;
  readonly chance: number;
  readonly results: readonly EvalResult[];
}

export interface Evaluated {
  readonly record: EvalRecord;
  /** Null where only `all` was asked for. */
  readonly episodes: EpisodeEvaluation | null;
}

/** All numbers of shots in the order asked for. Throws InputError. */
export function evaluate(input: EvalInput, request: EvalRequest): Evaluated {
  const { embeddings, isTest, layer, pooling, precision } = input;
  const { shots, features, readouts } = request;
  const { validation } = input;
  const counts = shots.filter((count) => count !== 'all');
  const episodes =
    counts.length > 0 ? evaluateEpisodes(embeddings, { ...request, validation, shots: counts }) : null;
  const isWhole = shots.includes('all');
  const ofAll = isWhole ? resolveOptions(request.readoutOptions, readouts, validation, request)('all') : null;
  const whole = ofAll === null ? null : fullProbe(embeddings, { ...request, isTest, readoutOptions: ofAll });
  const { ways: asked, queries, episodes: episodeCount, seed } = episodes?.list ?? request.list ?? request;
  const ways = asked === 'all' ? embeddings.classNames.length : asked;
  const common = {
    layer,
    ...(pooling && { pooling }),
    dimension: embeddings.dimension,
    precision,
    examples: embeddings.labels.length,
    classes: embeddings.classNames.length,
    centre: centreName(features.centre),
    normalize: features.normalize ?? false,
    ...(embeddings.copies?.length && { augmentedSupports: embeddings.copies.length }),
  };
  const ofEpisodes = (episodes?.results ?? []).map(
    ({ shots: count, readout, accuracy, ci95, unconverged = 0, regularization = null }): EvalResult => ({
      ...{ shots: count, readout, accuracy, ci95 },
      intervalOver: 'episodes',
      n: episodeCount,
      ...(episodes!.disjoint && { disjoint: true as const }),
      ways,
      chance: 1 / ways,
      seed,
      episodeList: episodeDigest(episodes!.list),
      trainExamples: ways * count,
      tested: null,
      ...common,
      regularization,
      unconverged,
    }),
  );
  const ofWhole = (whole?.results ?? []).map(
    ({ readout, accuracy, ci95, converged }): EvalResult => ({
      shots: 'all',
      readout,
      accuracy,
      ci95,
      intervalOver: 'test examples',
      n: whole!.testExamples,
      ways: whole!.ways,
      chance: whole!.chance,
      majorityShare: whole!.majorityShare,
      seed: request.seed,
      episodeList: null,
      trainExamples: whole!.trainExamples,
      tested: whole!.testPart.origin,
      ...common,
      regularization: optionsRead(readout, ofAll!).regularization ?? null,
      unconverged: converged ? 0 : 1,
    }),
  );
  const results = shots.flatMap((count) =>
    [...ofEpisodes, ...ofWhole].filter((each) => each.shots === count),
  );
  const { checkpoint, data, split } = input;
  const record = {
    checkpoint,
    data,
    split,
    ...(episodes === null && whole !== null
      ? { ways: whole.ways, queries: null, episodes: null, chance: whole.chance }
      : { ways, queries, episodes: episodeCount, chance: 1 / ways }),
    results,
  };
  return { record, episodes };
}
