import { InputError } from '../input-error.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { defaultReadoutOptions, type ReadoutOptions } from '../readouts/readout-options.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import { publishWork } from '../work-channel.ts';
import { decide } from './decide.ts';
import type { EpisodeList } from './episodes.ts';
import {
  type FeatureOptions,
  placeFeatures,
  type SupportEmbeddings,
  supportRows,
  takeRows,
} from './features.ts';

export interface PredictOptions {
  readonly shots: readonly number[];
  readonly readouts: readonly ReadoutName[];
  readonly features?: FeatureOptions | undefined;
  /** Of all, or by the number of shots. */
  readonly readoutOptions?: Partial<ReadoutOptions> | ((shots: number) => ReadoutOptions) | undefined;
}

export interface Predictions {
  readonly shots: number;
  readonly readout: ReadoutName;
  /** [episodes, ways, queries]: 0 to ways - 1 in the episode's order of classes; right where it is the way's number. */
  readonly predicted: Uint16Array;
  /** Episodes whose fit ended before its minimum. */
  readonly unconverged: number;
  /** The same by episode: 1 where it did. */
  readonly unconvergedEpisodes: Uint8Array;
}

/**
 * Predictions of every readout and number of shots on every query of a list of episodes. Throws InputError where the list was
 * drawn for other class sizes, or for fewer shots, and for embeddings that are not finite.
 */
export function predictEpisodes(
  embeddings: SupportEmbeddings,
  list: EpisodeList,
  { shots, readouts, features = {}, readoutOptions = {} }: PredictOptions,
): Predictions[] {
  const members = examplesByClass(embeddings);
  checkList(list, members, shots);
  const { ways, queries, episodes } = list;
  const { dimension } = embeddings;
  const { values, unit } = placeFeatures(embeddings, features);
  const options = shots.map((count) =>
    typeof readoutOptions === 'function'
      ? readoutOptions(count)
      : { ...defaultReadoutOptions, ...readoutOptions },
  );
  const results = shots.flatMap((count) =>
    readouts.map((readout) => ({
      shots: count,
      readout,
      predicted: new Uint16Array(episodes * ways * queries),
      unconverged: 0,
      unconvergedEpisodes: new Uint8Array(episodes),
    })),
  );
  for (let episode = 0; episode < episodes; episode++) {
    shots.forEach((count, s) => {
      const { rows, times } = supportRows(embeddings, chosenExamples(list, members, episode, queries, count));
      const support = takeRows(values, dimension, rows);
      const test = takeRows(values, dimension, chosenExamples(list, members, episode, 0, queries));
      const labels = Int32Array.from(
        { length: times * ways * count },
        (_, i) => Math.floor(i / count) % ways,
      );
      const training = { values: support, dimension, labels, ways, unit };
      decide(training, test, features, readouts, options[s]!).forEach(({ predicted, converged }, r) => {
        const result = results[s * readouts.length + r]!;
        if (!converged) {
          result.unconverged += 1;
          result.unconvergedEpisodes[episode] = 1;
        }
        result.predicted.set(predicted, episode * ways * queries);
      });
    });
    publishWork({ what: 'few-shot', unit: 'episodes', done: episode + 1, of: episodes });
  }
  return results;
}

/** Examples of an episode, by class: `count` members of each from position `from`. */
export function chosenExamples(
  { ways, queries, shots, classes, members }: EpisodeList,
  byClass: readonly Int32Array[],
  episode: number,
  from: number,
  count: number,
): Int32Array {
  const examples = new Int32Array(ways * count);
  for (let way = 0, at = 0; way < ways; way++) {
    const slot = episode * ways + way;
    const ofClass = byClass[classes[slot]!]!;
    for (let k = 0; k < count; k++) examples[at++] = ofClass[members[slot * (queries + shots) + from + k]!]!;
  }
  return examples;
}

/** The examples of each class, in their order. */
export function examplesByClass({
  labels,
  classNames,
}: Pick<Embeddings, 'labels' | 'classNames'>): Int32Array[] {
  const lists: number[][] = classNames.map(() => []);
  labels.forEach((label, example) => {
    const list = lists[label];
    if (list === undefined)
      throw new InputError(
        `embeddings: label ${label} at example ${example}; allowed are 0 to ${classNames.length - 1}`,
      );
    list.push(example);
  });
  return lists.map((list) => Int32Array.from(list));
}

function checkList(list: EpisodeList, members: readonly Int32Array[], shots: readonly number[]): void {
  const wanted = list.classSizes.join(', ');
  const found = members.map((examples) => examples.length).join(', ');
  if (wanted !== found)
    throw new InputError(`few-shot: episodes drawn for classes of ${wanted} examples; these have ${found}`);
  const wrong = shots.find((count) => !(Number.isInteger(count) && count >= 1 && count <= list.shots));
  if (wrong !== undefined)
    throw new InputError(`few-shot: ${wrong} shots; the list of episodes has 1 to ${list.shots}`);
}
