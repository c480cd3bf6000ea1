import { fewestConfigurations } from '../statistics/association.ts';
import { pText, range } from './number-text.ts';
import type { Trend, Verdict } from './trends.ts';

/** What the chain's links say together, in one sentence: `head`, then the rest. */
export interface Conclusion {
  readonly verdict: Verdict | 'partly';
  readonly head: string;
  readonly rest: string;
}

/** The sentence for links whose values Holm's method has corrected. */
export function conclusionOf(chain: readonly Trend[]): Conclusion {
  const judged = chain.filter(({ verdict }) => verdict !== 'no-claim');
  const named = (verdict: Verdict): string =>
    judged
      .filter((trend) => trend.verdict === verdict)
      .map(({ from, to }) => `${from} → ${to}`)
      .join('; ');
  if (judged.every(({ verdict }) => verdict === 'too-few')) {
    const most = Math.max(0, ...judged.map(({ configurations }) => configurations));
    return {
      verdict: 'too-few',
      head: 'Too few configurations to say',
      rest: `: ${most} of the ${fewestConfigurations} that a verdict needs.`,
    };
  }
  if (judged.every(({ verdict }) => verdict === 'too-few' || verdict === 'constant'))
    return {
      verdict: 'undecided',
      head: 'Undecided',
      rest: `: no link of the chain could be tested, for lack of configurations or of variation, over ${configurationsOf(judged)}.`,
    };
  if (judged.every(({ verdict }) => verdict === 'consistent'))
    return {
      verdict: 'consistent',
      head: 'Consistent with the reported trend',
      rest: `${isWhole(judged) ? ' in every link of the chain' : ` in the links that there are, ${named('consistent')}`}, over ${configurationsOf(judged)}.`,
    };
  const opposite = named('opposite');
  const consistent = named('consistent');
  if (opposite !== '') {
    const but = consistent === '' ? '' : `; consistent with it in ${consistent}`;
    return {
      verdict: 'opposite',
      head: 'Not reproduced in this setting',
      rest: `: the opposite of the reported trend in ${opposite}${but}, over ${configurationsOf(judged)}.`,
    };
  }
  return consistent === ''
    ? {
        verdict: 'undecided',
        head: 'Undecided',
        rest: `: no link of the chain differs from chance after Holm’s correction, over ${configurationsOf(judged)}.`,
      }
    : {
        verdict: 'partly',
        head: 'Partly consistent with the reported trend',
        rest: `: in ${consistent}; ${theOthers(judged)}, over ${configurationsOf(judged)}.`,
      };
}

/** From a swept number to few-shot accuracy; a sweep may vary what the paper says nothing of, or evaluate no few-shot accuracy. */
const isWhole = (chain: readonly Trend[]): boolean =>
  chain.some(({ toId }) => toId === 'sourceGc') && chain.some(({ fromId }) => fromId === 'targetCdnv');

/** `8 configurations`, or `7 to 8 configurations` where links have different ones. */
const configurationsOf = (chain: readonly Trend[]): string =>
  range(
    chain.map(({ configurations }) => configurations),
    'configuration',
  );

function theOthers(judged: readonly Trend[]): string {
  const others = new Set(judged.map(({ verdict }) => verdict).filter((verdict) => verdict !== 'consistent'));
  if (others.size === 1 && others.has('undecided')) return 'the other links are undecided';
  return 'the other links are undecided or have too few configurations or no variation';
}

/** `Holm’s method corrects the values of the chain’s 3 links.`, or nothing where no link was tested. */
export function holmSentence(chain: readonly Trend[]): string {
  const tested = chain.filter(({ overMeans }) => overMeans !== null && overMeans.p !== null);
  if (tested.length === 0) return '';
  const values = tested.map(({ from, to, overMeans }) => `${from} → ${to} ${pText(overMeans!.p!)}`);
  return tested.length === 1
    ? `One link was tested, so nothing is corrected: ${values[0]}.`
    : `Permutation values after Holm’s correction for the ${tested.length} links: ${values.join('; ')}.`;
}
