import { hashName, permutation, randomStream } from '../random/random.ts';

/** What an episode is made of. */
interface EpisodeSizes {
  readonly ways: number;
  readonly shots: number;
  readonly queries: number;
}

/** [episodes, ways], and [episodes, ways, queries + shots]: positions among a class's examples, the queries first. */
interface Dealt {
  readonly classes: Int32Array;
  readonly members: Int32Array;
}

const purpose = hashName('disjoint episodes');

/**
 * Episodes in which no example occurs twice (Lafargue et al. 2024, "Oops, I sampled it again", TMLR): they are independent given
 * the classes, so that Student's interval of their accuracies holds for new images of these classes. Each class is dealt once, in
 * random order. An episode takes the classes with most images left, in random order among equals: as many episodes as there are,
 * at most `episodes`.
 */
export function dealEpisodes(
  {
    ways,
    shots,
    queries,
    episodes,
    seed,
  }: EpisodeSizes & { readonly episodes: number; readonly seed: number },
  classSizes: readonly number[],
): Dealt & { readonly episodes: number } {
  const perClass = queries + shots;
  const decks = classSizes.map((size, c) => permutation(size, randomStream(purpose, seed, c)));
  const dealt = classSizes.map(() => 0);
  const left = (c: number): number => Math.floor(classSizes[c]! / perClass) - dealt[c]!;
  const classes: number[] = [];
  const members: number[] = [];
  let count = 0;
  for (; count < episodes; count++) {
    const order = permutation(classSizes.length, randomStream(purpose, seed, classSizes.length, count));
    const chosen = [...order].sort((a, b) => left(b) - left(a)).slice(0, ways);
    if (chosen.some((c) => left(c) === 0)) break;
    for (const c of chosen) {
      const from = dealt[c]! * perClass;
      members.push(...decks[c]!.subarray(from, from + perClass));
      dealt[c]! += 1;
    }
    classes.push(...chosen);
  }
  return {
    episodes: count,
    classes: Int32Array.from(classes),
    members: Int32Array.from(members),
  };
}

/** Whether no example is in two episodes of a list. */
export function isDisjoint({ shots, queries, classes, members }: Dealt & EpisodeSizes): boolean {
  const perClass = queries + shots;
  const seen = new Set<string>();
  for (let at = 0; at < members.length; at++)
    seen.add(`${classes[Math.floor(at / perClass)]} ${members[at]}`);
  return seen.size === members.length;
}
