import { InputError } from '../input-error.ts';
import { randomStream } from '../random/random.ts';
import { dealEpisodes } from './disjoint-episodes.ts';

export interface EpisodeOptions {
  /** Classes of an episode; `all`: every class. */
  readonly ways: number | 'all';
  /** Support examples per class, the most that will be asked for. */
  readonly shots: number;
  /** Queries per class. */
  readonly queries: number;
  readonly episodes: number;
  readonly seed: number;
  /** No example in two episodes: `episodes` is then the most that are drawn. */
  readonly disjoint?: boolean | undefined;
}

/** Which classes and which of their examples make each episode: the same for every checkpoint on the same data. */
export interface EpisodeList extends Omit<EpisodeOptions, 'disjoint'> {
  readonly ways: number;
  /** Examples of each class that the list was drawn for. */
  readonly classSizes: readonly number[];
  /** [episodes, ways]. */
  readonly classes: Int32Array;
  /** [episodes, ways, queries + shots]: positions among the class's examples, the queries first, no position twice. */
  readonly members: Int32Array;
}

/**
 * Draws episodes as a function of class sizes and seed alone. Queries are drawn before supports and each episode from its own
 * stream, so that fewer shots, or fewer episodes, give a part of the same list. Throws InputError for fewer classes than
 * ways and for classes too small.
 */
export function drawEpisodes(
  { ways: asked, shots, queries, episodes, seed, disjoint = false }: EpisodeOptions,
  classSizes: readonly number[],
  classNames?: readonly string[],
): EpisodeList {
  const ways = asked === 'all' ? classSizes.length : asked;
  checkSizes({ ways, shots, queries, episodes }, classSizes, classNames);
  if (disjoint) {
    const dealt = dealEpisodes({ ways, shots, queries, episodes, seed }, classSizes);
    if (dealt.episodes < Math.min(2, episodes))
      throw new InputError(
        `few-shot: disjoint episodes: the classes have images for ${dealt.episodes}; at least 2 are needed: give fewer shots, queries or ways`,
      );
    return { ways, shots, queries, seed, classSizes, ...dealt };
  }
  const perClass = queries + shots;
  const classes = new Int32Array(episodes * ways);
  const members = new Int32Array(episodes * ways * perClass);
  const identity = Int32Array.from({ length: Math.max(...classSizes, classSizes.length) }, (_, i) => i);
  for (let episode = 0; episode < episodes; episode++) {
    const random = randomStream(seed, episode);
    drawWithoutReplacement(identity, classSizes.length, random, classes, episode * ways, ways);
    for (let way = episode * ways; way < (episode + 1) * ways; way++) {
      const own = randomStream(seed, episode, classes[way]!);
      drawWithoutReplacement(identity, classSizes[classes[way]!]!, own, members, way * perClass, perClass);
    }
  }
  return { ways, shots, queries, episodes, seed, classSizes, classes, members };
}

/** The first `count` steps of a Fisher-Yates shuffle of 0 to `size` - 1, undone afterwards so that `identity` stays. */
function drawWithoutReplacement(
  identity: Int32Array,
  size: number,
  random: { below(bound: number): number },
  out: Int32Array,
  start: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) {
    const j = i + random.below(size - i);
    out[start + i] = identity[j]!;
    identity[j] = identity[i]!;
  }
  // The values drawn are the places that were written.
  for (let i = start; i < start + count; i++) identity[out[i]!] = out[i]!;
}

function checkSizes(
  options: Omit<EpisodeOptions, 'seed' | 'ways' | 'disjoint'> & { readonly ways: number },
  classSizes: readonly number[],
  classNames: readonly string[] = classSizes.map((_, label) => String(label)),
): void {
  for (const [key, value] of Object.entries(options))
    if (!Number.isInteger(value) || value < 1)
      throw new InputError(`few-shot: ${key} is ${value}; allowed are whole numbers from 1`);
  const { ways, shots, queries } = options;
  if (ways < 2) throw new InputError('few-shot: 1 way; at least 2 are needed');
  if (classSizes.length < ways)
    throw new InputError(
      `few-shot: ${ways} ways from ${classSizes.length} classes; at least ${ways} are needed`,
    );
  const small = classSizes.findIndex((size) => size < shots + queries);
  if (small >= 0)
    throw new InputError(
      `few-shot: class ${classNames[small]} has ${classSizes[small]} examples; ${shots} shots and ${queries} queries need ${shots + queries}`,
    );
}
