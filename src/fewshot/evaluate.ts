import type { ReadoutName } from '../config/readout-names.ts';
import { InputError } from '../input-error.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { meanWithInterval } from '../measures/interval.ts';
import type { FewshotRecord, FewshotResult } from '../pipeline/records.ts';
import { drawEpisodes, type EpisodeList } from './episodes.ts';
import type { FeatureOptions } from './features.ts';
import { examplesByClass, predictEpisodes } from './predict.ts';
import type { ReadoutOptions } from './readout.ts';

export interface EpisodeEvaluationOptions {
  readonly ways: number;
  readonly shots: readonly number[];
  /** Queries a class. */
  readonly queries: number;
  readonly episodes: number;
  readonly readouts: readonly ReadoutName[];
  readonly seed: number;
  readonly features?: FeatureOptions | undefined;
  readonly readoutOptions?: Partial<ReadoutOptions> | undefined;
  /** A saved list instead of a draw; its ways, queries, episodes and seed then stand. */
  readonly list?: EpisodeList | undefined;
}

/** Accuracy of each episode, in the list's order, for tables and paired comparison. */
export interface EpisodeAccuracies {
  readonly shots: number;
  readonly readout: ReadoutName;
  readonly accuracies: Float64Array;
  /** Episodes whose fit ended before its minimum. */
  readonly unconverged: number;
}

export interface EpisodeEvaluation {
  readonly results: readonly FewshotResult[];
  /** One for each of the results. */
  readonly perEpisode: readonly EpisodeAccuracies[];
  readonly list: EpisodeList;
}

/**
 * Few-shot accuracy of embeddings of held-out classes: the same seeded episodes for every checkpoint, readouts fitted on each
 * episode's support, mean accuracy over episodes with Student's 95 % interval. Intervals are over episodes, not training seeds.
 * Throws InputError for classes too few or too small, fewer than two episodes, and embeddings that are not finite.
 */
export function evaluateEpisodes(
  embeddings: Embeddings,
  options: EpisodeEvaluationOptions,
): EpisodeEvaluation {
  const { shots, readouts, features = {}, readoutOptions } = options;
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
  const perEpisode = predictEpisodes(embeddings, list, { shots, readouts, features, readoutOptions }).map(
    ({ predicted, ...what }) => ({ ...what, accuracies: accuracyOfEpisodes(predicted, list) }),
  );
  const results = perEpisode.map(({ accuracies, readout, shots: count }) => {
    const { value, ci95 } = meanWithInterval(accuracies);
    return { shots: count, readout, accuracy: value, ci95: ci95! };
  });
  return { results, perEpisode, list };
}

/** `evaluateEpisodes` as the record of a run's metrics. */
export function evaluateFewshot(
  embeddings: Embeddings,
  options: EpisodeEvaluationOptions & { readonly split: FewshotRecord['split'] },
): EpisodeEvaluation & { readonly record: FewshotRecord } {
  const evaluation = evaluateEpisodes(embeddings, options);
  const { ways, queries, episodes, seed } = evaluation.list;
  const { centre, normalize = false } = options.features ?? {};
  const record = {
    split: options.split,
    ways,
    queries,
    episodes,
    chance: 1 / ways,
    seed,
    features: { centre: centreName(centre), normalize },
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
