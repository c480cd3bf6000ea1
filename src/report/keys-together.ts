import { groupBy } from '../statistics/group-by.ts';
import { pearson, ranks } from '../statistics/rank-correlation.ts';
import { type Results, valueText } from './aggregate.ts';
import { isOfTraining } from './same-network.ts';
import { hasReportedSign, numericKeys } from './trends.ts';

/** From this share of one key's ranks on, another key's values say so much of it that what each does is not told apart. */
const largestShare = 0.25;

/** Two ranks always agree or disagree wholly: from three on they say something. */
const fewestNumbers = 3;

/**
 * Swept keys that go together over the configurations with results, one line each: a correlation of one is then one of the other
 * too. A grid has none; keys that are changed in step, as batch size and rate often are, have.
 */
export function keysTogether(results: Results): readonly string[] {
  const { configurations, variedKeys, shortNames } = results;
  const known = configurations.filter(({ finished }) => finished.length > 0);
  const claimed = numericKeys(results).filter(hasReportedSign);
  return claimed.flatMap((key) => {
    const own = known.map(({ parameters }) => parameters[key] as number);
    return variedKeys.flatMap((other) => {
      if (other === key || (claimed.includes(other) && claimed.indexOf(other) < claimed.indexOf(key)))
        return [];
      const values = known.map(({ parameters }) => parameters[other]);
      const [name, otherName] = [shortNames[key]!, shortNames[other]!];
      if (isOwnOfEach(other, values))
        return [
          `each configuration has its own ${otherName}: what ${name} does is not told from what ${otherName} does`,
        ];
      const { share, over } = togetherness(own, values);
      if (share < largestShare) return [];
      return [
        `${name} and ${otherName} go together over ${over} configurations (${Math.round(100 * share)} % of the variance of ranks): what one does is not told from what the other does`,
      ];
    });
  });
}

/** Lists and paths of which none is met twice: they have no order to compare, and each may do what the other key seems to do. */
const isOwnOfEach = (key: string, values: readonly unknown[]): boolean =>
  isOfTraining(key) &&
  !key.startsWith('contents.') &&
  numbersIn(values).length < Math.min(fewestNumbers, values.length) &&
  values.length > 1 &&
  new Set(values.map(valueText)).size === values.length;

const numbersIn = (values: readonly unknown[]): readonly number[] =>
  values.flatMap((value, at) => (typeof value === 'number' ? [at] : []));

/** The share of the ranks' variance by numbers, where they are numbers, and by equal values; the larger, and over how many. */
function togetherness(own: readonly number[], values: readonly unknown[]) {
  const numbers = numbersIn(values);
  const [ours, theirs] = [own, values as readonly number[]].map((each) =>
    ranks(numbers.map((at) => each[at]!)),
  );
  const byNumbers = { share: (pearson(ours!, theirs!) ?? 0) ** 2, over: numbers.length };
  if (numbers.length === values.length) return byNumbers;
  const byValues = { share: shareBetween(ranks(own), values.map(valueText)), over: own.length };
  return numbers.length >= fewestNumbers && byNumbers.share > byValues.share ? byNumbers : byValues;
}

/** How much of the ranks' variance lies between groups; 0 where each configuration is its own group. */
function shareBetween(own: readonly number[], names: readonly string[]): number {
  const groups = [...groupBy(own.keys(), (at) => names[at]!).values()];
  if (groups.length === own.length) return 0;
  const middle = (own.length + 1) / 2;
  const between = groups.reduce((sum, group) => {
    const mean = group.reduce((total, at) => total + own[at]!, 0) / group.length;
    return sum + group.length * (mean - middle) ** 2;
  }, 0);
  const whole = own.reduce((sum, rank) => sum + (rank - middle) ** 2, 0);
  return whole === 0 ? 0 : between / whole;
}
