import { extremeRanks } from './extreme-ranks.ts';
import { groupBy } from './group-by.ts';
import { permutationTest } from './permutation-test.ts';
import { meanForRanks, pearson, type RankCorrelation, ranks, spearman } from './rank-correlation.ts';

/** With fewer configurations no arrangement of them is rare enough: 4 give p >= 2/24. */
export const fewestConfigurations = 5;
const level = 0.05;

/** Whether a permutation p value is at most the level; a sum of probabilities may miss 6/120 in the last digit. */
export const isBeyondChance = (p: number): boolean => p <= level + 1e-12;

/** One run's pair of values and the configuration that it repeats. */
export interface Pair {
  readonly configuration: number;
  readonly x: number;
  readonly y: number;
  /** By how much interpolation may have missed x and y; absent where they were measured. */
  readonly xError?: number;
  readonly yError?: number;
}

export interface Association extends RankCorrelation {
  /** Two-sided permutation p value; null with fewer than five configurations, for which `ci95` is null too. */
  readonly p: number | null;
}

/**
 * Between configurations: Spearman's rho of their means over seeds. The configuration is the unit, because seeds of one
 * configuration share all that the configuration does. p exchanges the means among the configurations; the interval is
 * Fisher's z with Bonett and Wright's error (Psychometrika 65, 2000), k configurations for n. Null where a variable is constant.
 *
 * Where values were interpolated, their errors are taken at their worst: as far against the order that the values have as the errors
 * allow, and as far in its favour. The interval spans those of both, and p is the largest on the way from one to the other: 1 where
 * rho may have either sign.
 */
export function betweenConfigurations(pairs: readonly Pair[]): Association | null {
  const means = groups(pairs).map((group) => ({
    x: meanOf(group, ({ x }) => x),
    y: meanOf(group, ({ y }) => y),
    xError: meanOf(group, ({ xError = 0 }) => xError),
    yError: meanOf(group, ({ yError = 0 }) => yError),
  }));
  const found = ofMeans(means);
  if (found === null || found.p === null || means.every(({ xError, yError }) => xError === 0 && yError === 0))
    return found;
  const x = { values: means.map((each) => each.x), errors: means.map((each) => each.xError) };
  const y = { values: means.map((each) => each.y), errors: means.map((each) => each.yError) };
  const ends = ([-1, 1] as const).map((direction) => {
    const [ofX, ofY] = extremeRanks(x, y, direction);
    return ofMeans(ofX.map((rank, at) => ({ x: rank, y: ofY[at]! })));
  });
  const all = [found, ...ends];
  const signs = new Set(all.map((each) => Math.sign(each?.value ?? 0)));
  return {
    ...found,
    ci95: found.ci95 && [
      Math.min(...all.map((each) => each?.ci95?.[0] ?? -1)),
      Math.max(...all.map((each) => each?.ci95?.[1] ?? 1)),
    ],
    p: signs.size > 1 ? 1 : Math.max(...all.map((each) => each?.p ?? 1)),
  };
}

function ofMeans(means: readonly { readonly x: number; readonly y: number }[]): Association | null {
  const [x, y] = [means.map((each) => each.x), means.map((each) => each.y)];
  const found = spearman(x, y);
  if (found === null || means.length < fewestConfigurations)
    return found && { ...found, ci95: null, p: null };
  const { p } = permutationTest(centredRanks(x), centredRanks(y), [means.map((_, index) => index)]);
  return { ...found, p };
}

/** How x and y go together over the seeds of one and the same configuration. */
export interface WithinConfigurations {
  readonly value: number;
  readonly runs: number;
  readonly configurations: number;
  readonly p: number;
}

/**
 * Within configurations: the correlation of ranks taken inside each configuration, where the swept number is fixed and cannot
 * be the common cause. p exchanges y among the seeds of each configuration. Null where no configuration has two seeds that
 * differ in both, and where values were interpolated: ranks of single runs leave no room for the errors. Takes seeds of different
 * configurations as independent.
 */
export function withinConfigurations(pairs: readonly Pair[]): WithinConfigurations | null {
  if (pairs.some(({ xError = 0, yError = 0 }) => xError !== 0 || yError !== 0)) return null;
  const repeated = groups(pairs).filter((group) => group.length > 1);
  const x = repeated.flatMap((group) => centredRanks(group.map((pair) => pair.x)));
  const y = repeated.flatMap((group) => centredRanks(group.map((pair) => pair.y)));
  const value = pearson(x, y);
  if (value === null) return null;
  let next = 0;
  const blocks = repeated.map((group) => group.map(() => next++));
  const { p } = permutationTest(x, y, blocks);
  return { value, runs: x.length, configurations: repeated.length, p };
}

const groups = (pairs: readonly Pair[]): readonly (readonly Pair[])[] => [
  ...groupBy(pairs, ({ configuration }) => configuration).values(),
];

const meanOf = (group: readonly Pair[], read: (pair: Pair) => number): number =>
  meanForRanks(group.map(read));

const centredRanks = (values: readonly number[]): readonly number[] =>
  ranks(values).map((rank) => rank - (values.length + 1) / 2);
