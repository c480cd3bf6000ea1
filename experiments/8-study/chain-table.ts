import type { Association } from '../../src/statistics/association.ts';
import { holm } from '../../src/statistics/holm.ts';
import { verdictOf } from '../claims.ts';
import { markdownTable } from '../tables.ts';
import { isMissing, type JudgedLink, type Judgement, judged, judgementText } from './judgement.ts';
import { acrossChain, chainLinks } from './links.ts';
import { momentNames } from './moments.ts';
import { perRegimeWithTargets, wasRun } from './per-regime.ts';
import { knobLabel } from './regimes.ts';
import type { RegimeRuns, StudyRuns } from './study-runs.ts';

/** The links of one chain, at each moment with Holm's correction for those that were tested there. */
export function corrected(links: readonly JudgedLink[]): readonly JudgedLink[] {
  const adjustedAt = momentNames.map((_, moment) => {
    const tested = links.filter(({ judgements }) => pOf(judgements[moment]!) !== null);
    const adjusted = holm(tested.map(({ judgements }) => pOf(judgements[moment]!)!));
    return new Map(tested.map((each, at) => [each, adjusted[at]!]));
  });
  return links.map((each) => ({
    ...each,
    judgements: each.judgements.map((judgement, moment) => {
      const p = adjustedAt[moment]!.get(each);
      if (p === undefined) return judgement;
      const found = { ...(judgement.found as Association), p };
      return { ...judgement, found, outcome: verdictOf(found, each.link.claim.sign) };
    }),
  }));
}

const pOf = ({ found, outcome }: Judgement): number | null =>
  found === null || found === 'few' || isMissing(outcome) ? null : found.p;

function rowsOf(runs: StudyRuns): readonly (readonly string[])[] {
  const across = judged(acrossChain(runs));
  return [...corrected(chainLinks(runs).map(judged)), across].map((each) => [
    knobLabel(runs.study),
    each.link.from === knobLabel(runs.study) ? 'the knob' : each.link.from,
    each === across ? `${each.link.to}, not corrected` : each.link.to,
    ...each.judgements.map((judgement) => judgementText(judgement, each.link.claim.sign)),
  ]);
}

/** Each knob's chain over its own configurations, by Holm. */
export const chainsText = (all: readonly RegimeRuns[]): string =>
  [
    "The chain over each knob's own configurations. The permutation p values are after Holm's correction for the links of one knob at one moment, and the verdicts follow them. Source GC to accuracy stands beside the chain without correction.",
    perRegimeWithTargets(all, (runs) =>
      markdownTable(
        ['knob', 'from', 'to', ...momentNames],
        runs.studies.filter((each) => each.study.transfer && wasRun(each)).flatMap(rowsOf),
      ),
    ),
  ].join('\n\n');
