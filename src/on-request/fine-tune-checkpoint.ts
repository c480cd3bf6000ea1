import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { drawEpisodes, type EpisodeList } from '../fewshot/episodes.ts';
import type { EvalResult, Evaluated } from '../fewshot/eval-record.ts';
import { type FineTuneCost, fineTuneCost } from '../fewshot/fine-tune/cost.ts';
import type { FineTuneOptions } from '../fewshot/fine-tune/fine-tune.ts';
import { examplesByClass } from '../fewshot/predict.ts';
import { testPart } from '../fewshot/test-part.ts';
import { makeNetwork } from '../models/models.ts';
import type { CheckpointSet } from './checkpoint-set.ts';

export interface FineTuneRequest extends FineTuneOptions {
  readonly shots: readonly (number | 'all')[];
  /** The first of the list: few, because each takes minutes in a large network. */
  readonly episodes: number;
  /** 1 for the data set's own test examples; null where it has none. */
  readonly isTest: Uint8Array | null;
}

/**
 * An evaluation with `fine-tune` beside the readouts of the frozen embedding: on the first episodes of the same list, so that they
 * can be paired.
 */
export async function withFineTune(
  { config, state, weights }: Checkpoint,
  { set, normalization }: CheckpointSet,
  { record, episodes }: Evaluated,
  { shots, episodes: count, isTest, ...options }: FineTuneRequest,
): Promise<Evaluated> {
  const { fineTuneEpisodes, fineTuneOnAll } = await import('../fewshot/fine-tune/fine-tune-evaluation.ts');
  const source = { model: config.model, imageShape: state.imageShape, weights, set, normalization };
  const counts = shots.filter((each) => each !== 'all');
  const inEpisodes =
    episodes === null ? [] : await fineTuneEpisodes(source, episodes.list, counts, count, options);
  const onAll = shots.includes('all')
    ? [await fineTuneOnAll(source, testPart(set, isTest, options.seed).isTest, options)]
    : [];
  const { steps, headRate, bodyRate, batchSize } = options;
  const results = shots.flatMap((each): EvalResult[] => {
    const others = record.results.filter((result) => result.shots === each);
    const found = [...inEpisodes, ...onAll].find((result) => result.shots === each)!;
    const { augmentedSupports: _, ...common } = others[0]!;
    const { accuracy, ci95, n, unconverged } = found;
    return [
      ...others,
      {
        ...{ ...common, readout: 'fine-tune', accuracy, ci95, n, unconverged },
        // Fine-tuning computes in float32, whatever the embeddings beside it are in.
        ...{ precision: 'float32', centre: 'none', normalize: false },
        regularization: { steps, headRate, bodyRate, batchSize },
      },
    ];
  });
  const perEpisode = inEpisodes.map(({ accuracies, unconverged, unconvergedEpisodes }, at) => ({
    ...{ shots: counts[at]!, readout: 'fine-tune', accuracies, unconverged, unconvergedEpisodes },
  }));
  return {
    record: { ...record, results },
    episodes: episodes && { ...episodes, perEpisode: [...episodes.perEpisode, ...perEpisode] },
  };
}

/** What `withFineTune` will cost, and the size of what it is asked of; nothing is computed. */
export function fineTunePlan(
  { config, state }: Checkpoint,
  { set }: CheckpointSet,
  asked: {
    readonly ways: number | 'all';
    readonly queries: number;
    readonly episodes: number;
    readonly disjoint?: boolean | undefined;
    readonly list?: EpisodeList | undefined;
  },
  { shots, episodes, isTest, steps, batchSize, seed }: FineTuneRequest,
): FineTuneCost {
  const sizes = examplesByClass(set).map((examples) => examples.length);
  const fits = shots.map((each) => {
    if (each === 'all') {
      const { isTest: tested } = testPart(set, isTest, seed);
      const queries = tested.reduce((sum, one) => sum + one, 0);
      return { times: 1, supports: tested.length - queries, queries };
    }
    const list = asked.list ?? drawEpisodes({ ...asked, shots: each, seed }, sizes, set.classNames);
    const { ways, queries } = list;
    return { times: Math.min(episodes, list.episodes), supports: ways * each, queries: ways * queries };
  });
  return fineTuneCost(makeNetwork(config.model, state.imageShape, set.classNames.length), fits, {
    steps,
    batchSize,
  });
}
