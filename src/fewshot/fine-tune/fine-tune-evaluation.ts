import type { RunConfig } from '../../config/schema.ts';
import type { ImageSet, Normalization } from '../../data/image-set.ts';
import { InputError } from '../../input-error.ts';
import type { Shape } from '../../models/network.ts';
import type { StateDict } from '../../models/weights.ts';
import { largest } from '../../readouts/readout.ts';
import { meanWithInterval } from '../../statistics/student-interval.ts';
import { wilsonInterval } from '../../statistics/wilson-interval.ts';
import { publishWork } from '../../work-channel.ts';
import type { EpisodeList } from '../episodes.ts';
import { chosenExamples, examplesByClass } from '../predict.ts';
import { type FineTuneOptions, fineTune } from './fine-tune.ts';
import { withNewClassifier } from './new-classifier.ts';

/** The network that is adapted anew to every episode, and the images. */
export interface FineTuneSource {
  readonly model: RunConfig['model'];
  readonly imageShape: Shape;
  readonly weights: StateDict;
  readonly set: ImageSet;
  readonly normalization: Normalization;
}

export interface FineTuned {
  readonly shots: number | 'all';
  readonly accuracy: number;
  readonly ci95: readonly [number, number];
  /** Episodes, or test examples for `all`. */
  readonly n: number;
  readonly trainExamples: number;
  /** Of each episode, in the list's order; empty for `all`. */
  readonly accuracies: Float64Array;
  /** Fits that ended with logits that are not finite. */
  readonly unconverged: number;
  /** The same by episode, 1 where it did; empty for `all`. */
  readonly unconvergedEpisodes: Uint8Array;
}

/** The first `episodes` of a list, which other readouts and checkpoints share, so that they can be paired. */
export async function fineTuneEpisodes(
  { set, normalization, ...source }: FineTuneSource,
  list: EpisodeList,
  shots: readonly number[],
  episodes: number,
  options: FineTuneOptions,
): Promise<readonly FineTuned[]> {
  if (episodes < 2) throw new InputError('fine-tune: an interval needs at least 2 episodes');
  const count = Math.min(episodes, list.episodes);
  const { ways, queries } = list;
  const members = examplesByClass(set);
  const start = withNewClassifier(source.model, source.imageShape, source.weights, ways);
  const results: FineTuned[] = [];
  for (const [s, perClass] of shots.entries()) {
    const accuracies = new Float64Array(count);
    const unconvergedEpisodes = new Uint8Array(count);
    for (let episode = 0; episode < count; episode++) {
      const task = {
        ...{ set, normalization },
        support: chosenExamples(list, members, episode, queries, perClass),
        labels: Int32Array.from({ length: ways * perClass }, (_, i) => Math.floor(i / perClass)),
        query: chosenExamples(list, members, episode, 0, queries),
      };
      const { predicted, allFinite } = predictionsOf(await fineTune(start, task, options), ways);
      if (!allFinite) unconvergedEpisodes[episode] = 1;
      const right = predicted.filter((way, at) => way === Math.floor(at / queries)).length;
      accuracies[episode] = right / predicted.length;
      publishWork({
        what: 'fine-tuning',
        unit: 'episodes',
        done: s * count + episode + 1,
        of: shots.length * count,
      });
    }
    const { value, ci95 } = meanWithInterval(accuracies);
    results.push({
      ...{ shots: perClass, accuracy: value, ci95: ci95!, n: count, accuracies },
      trainExamples: ways * perClass,
      unconverged: unconvergedEpisodes.reduce((sum, each) => sum + each, 0),
      unconvergedEpisodes,
    });
  }
  return results;
}

/** Adapts once to all training examples of all classes, and is tested on the others. */
export async function fineTuneOnAll(
  { set, normalization, ...source }: FineTuneSource,
  isTest: Uint8Array,
  options: FineTuneOptions,
): Promise<FineTuned> {
  const ways = set.classNames.length;
  const start = withNewClassifier(source.model, source.imageShape, source.weights, ways);
  const indices = Int32Array.from(set.labels.keys());
  const support = indices.filter((example) => isTest[example] === 0);
  const query = indices.filter((example) => isTest[example] === 1);
  const labels = support.map((example) => set.labels[example]!);
  const logits = await fineTune(start, { set, normalization, support, labels, query }, options);
  const { predicted, allFinite } = predictionsOf(logits, ways);
  const right = predicted.filter((way, at) => way === set.labels[query[at]!]).length;
  return {
    ...{ shots: 'all', accuracy: right / query.length, ci95: wilsonInterval(right, query.length) },
    ...{ n: query.length, trainExamples: support.length, accuracies: new Float64Array(0) },
    unconverged: allFinite ? 0 : 1,
    unconvergedEpisodes: new Uint8Array(0),
  };
}

const predictionsOf = (logits: Float32Array, ways: number) => ({
  predicted: Int32Array.from({ length: logits.length / ways }, (_, row) =>
    largest(logits.subarray(row * ways, (row + 1) * ways)),
  ),
  allFinite: logits.every(Number.isFinite),
});
