import { groupBy } from '../statistics/group-by.ts';
import { pearson, ranks } from '../statistics/rank-correlation.ts';
import { type Results, valueText } from './aggregate.ts';
import { hasReportedSign, numericKeys } from './trends.ts';

/** From this share of one key's ranks on, another key's values say so much of it that what each does is not told apart. */
const largestShare = 0.25;

/**
 * Swept keys that go together over the configurations with results, one line each: a correlation of one is then one of the other
 * too. A grid has none; keys that are changed in step, as batch size and rate often are, have.
 */
export function keysTogether(results: Results): readonly string[] {
  const { configurations, variedKeys, shortNames } = results;
  const known = configurations.filter(({ finished }) => finished.length > 0);
  const numeric = numericKeys(results);
  const claimed = numeric.filter(hasReportedSign);
  return claimed.flatMap((key) => {
    const own = ranks(known.map(({ parameters }) => parameters[key] as number));
    return variedKeys.flatMap((other) => {
      if (other === key || (claimed.includes(other) && claimed.indexOf(other) < claimed.indexOf(key)))
        return [];
      const values = known.map(({ parameters }) => parameters[other]);
      const share = numeric.includes(other)
        ? (pearson(own, ranks(values as readonly number[])) ?? 0) ** 2
        : shareBetween(own, values.map(valueText));
      if (share < largestShare) return [];
      return [
        `${shortNames[key]} and ${shortNames[other]} go together over ${known.length} configurations (${Math.round(100 * share)} % of the variance of ranks): what one does is not told from what the other does`,
      ];
    });
  });
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
