import { permutationTest } from './permutation-test.ts';
import { pearson, type RankCorrelation, ranks, spearman } from './rank-correlation.ts';

/** With fewer configurations no arrangement of them is rare enough: 4 give p >= 2/24. */
export const fewestConfigurations = 5;
export const level = 0.05;

/** One run's pair of values and the configuration that it repeats. */
export interface Pair {
  readonly configuration: number;
  readonly x: number;
  readonly y: number;
}

export interface Association extends RankCorrelation {
  /** Two-sided permutation value; null with fewer than five configurations, for which `ci95` is null too. */
  readonly p: number | null;
}

/**
 * Between configurations: Spearman's rho of their means over seeds. The configuration is the unit, because seeds of one
 * configuration share all that the configuration does. p exchanges the means among the configurations; the interval is
 * Fisher's z with Bonett and Wright's error (Psychometrika 65, 2000), k configurations for n. Null where a variable is constant.
 */
export function betweenConfigurations(pairs: readonly Pair[]): Association | null {
  const means = groups(pairs).map((group) => ({ x: meanOf(group, 'x'), y: meanOf(group, 'y') }));
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
 * differ in both. Takes seeds of different configurations as independent.
 */
export function withinConfigurations(pairs: readonly Pair[]): WithinConfigurations | null {
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

function groups(pairs: readonly Pair[]): readonly (readonly Pair[])[] {
  const found = new Map<number, Pair[]>();
  for (const pair of pairs) {
    const group = found.get(pair.configuration);
    if (group === undefined) found.set(pair.configuration, [pair]);
    else group.push(pair);
  }
  return [...found.values()];
}

const meanOf = (group: readonly Pair[], axis: 'x' | 'y'): number =>
  group.reduce((sum, pair) => sum + pair[axis], 0) / group.length;

const centredRanks = (values: readonly number[]): readonly number[] =>
  ranks(values).map((rank) => rank - (values.length + 1) / 2);
