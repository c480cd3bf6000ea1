import { InputError } from '../input-error.ts';
import type { RequestedOptions } from '../readouts/readout-options.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import { meanWithInterval } from '../statistics/student-interval.ts';
import { isDisjoint } from './disjoint-episodes.ts';
import { drawEpisodes, type EpisodeList } from './episodes.ts';
import type { FeatureOptions, SupportEmbeddings } from './features.ts';
import { examplesByClass, predictEpisodes } from './predict.ts';
import type { FewshotRecord, FewshotResult } from './record.ts';
import { optionsRead, resolveOptions } from './resolve-options.ts';

export interface EpisodeEvaluationOptions {
  readonly ways: number | 'all';
  readonly shots: readonly number[];
  /** Queries per class. */
  readonly queries: number;
  readonly episodes: number;
  /** No example in two episodes; `episodes` is then the most that are drawn. */
  readonly disjoint?: boolean | undefined;
  readonly readouts: readonly ReadoutName[];
  readonly seed: number;
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: RequestedOptions | undefined;
  /** Embeddings of the validation classes, for C `auto`. */
  readonly validation?: SupportEmbeddings | undefined;
  /** A saved list instead of a draw; its ways, queries, episodes and seed then stand. */
  readonly list?: EpisodeList | undefined;
}

/** Accuracy of each episode, in the list's order, for tables and paired comparison. */
export interface EpisodeAccuracies {
  readonly shots: number;
  readonly readout: string;
  readonly accuracies: Float64Array;
  /** Episodes whose fit ended before its minimum. */
  readonly unconverged: number;
  /** The same by episode: 1 where it did. */
  readonly unconvergedEpisodes: Uint8Array;
}

export interface EpisodeEvaluation {
  readonly results: readonly FewshotResult[];
  /** One for each of the results. */
  readonly perEpisode: readonly EpisodeAccuracies[];
  readonly list: EpisodeList;
  /** Whether no example is in two episodes. */
  readonly disjoint: boolean;
}

/**
 * Few-shot accuracy of embeddings of held-out classes: the same seeded episodes for every checkpoint, readouts fitted on each
 * episode's support, mean accuracy over episodes with Student's 95 % interval. Intervals are over episodes, not training seeds.
 * Throws InputError for classes too few or too small, fewer than two episodes, and embeddings that are not finite.
 */
export function evaluateEpisodes(
  embeddings: SupportEmbeddings,
  options: EpisodeEvaluationOptions,
): EpisodeEvaluation {
  const { shots, readouts, features = {}, readoutOptions: requested = {} } = options;
  if (shots.length === 0 || readouts.length === 0)
    throw new InputError('few-shot: at least one number of shots and one readout are needed');
  const list =
    options.list ??
    drawEpisodes(
      { ...options, shots: Math.max(...shots) },
      examplesByClass(embeddings).map((examples) => examples.length),
      embeddings.classNames,
    );
  if (list.episodes < 2) throw new InputError('few-shot: an interval needs at least 2 episodes');
  const { ways, queries, seed } = list;
  const readoutOptions = resolveOptions(requested, readouts, options.validation, {
    ...{ queries, seed, features },
    ways: options.ways === 'all' || options.list === undefined ? options.ways : ways,
  });
  const perEpisode = predictEpisodes(embeddings, list, { shots, readouts, features, readoutOptions }).map(
    ({ predicted, ...what }) => ({ ...what, accuracies: accuracyOfEpisodes(predicted, list) }),
  );
  const results = perEpisode.map(({ accuracies, readout, shots: count, unconverged }): FewshotResult => {
    const { value, ci95 } = meanWithInterval(accuracies);
    const [low, high] = ci95!;
    return {
      ...{ shots: count, readout, accuracy: value, ci95: [low, high], unconverged },
      ...optionsRead(readout, readoutOptions(count)),
    };
  });
  const disjoint = options.list === undefined ? (options.disjoint ?? false) : isDisjoint(list);
  return { results, perEpisode, list, disjoint };
}

/** `evaluateEpisodes` as the record of a run's metrics. */
export function evaluateFewshot(
  embeddings: SupportEmbeddings,
  options: EpisodeEvaluationOptions,
): EpisodeEvaluation & { readonly record: Omit<FewshotRecord, 'split'> } {
  const evaluation = evaluateEpisodes(embeddings, options);
  const { ways, queries, episodes, seed } = evaluation.list;
  const { centre, normalize = false } = options.features ?? {};
  const record = {
    ways,
    queries,
    episodes,
    chance: 1 / ways,
    seed,
    features: { centre: centreName(centre), normalize },
    ...(evaluation.disjoint && { disjoint: true }),
    ...(embeddings.copies?.length && { augmentedSupports: embeddings.copies.length }),
    results: evaluation.results,
  };
  return { ...evaluation, record };
}

/** A given mean is that of base classes. */
export const centreName = (centre: FeatureOptions['centre']): 'none' | 'support' | 'base' =>
  typeof centre === 'object' ? 'base' : (centre ?? 'none');

function accuracyOfEpisodes(predicted: Uint16Array, { ways, queries, episodes }: EpisodeList): Float64Array {
  const accuracies = new Float64Array(episodes);
  const perEpisode = ways * queries;
  for (let at = 0; at < predicted.length; at++)
    if (predicted[at] === Math.floor((at % perEpisode) / queries))
      accuracies[Math.floor(at / perEpisode)]! += 1;
  return accuracies.map((right) => right / perEpisode);
}
