import { markdownTable } from '../tables.ts';
import { fittedOnly, groupsOf, meansOf, rangeText } from './configuration-means.ts';
import { briefJudgementText, judgedAtSteps } from './judgement.ts';
import { type Link, pooledLinks } from './links.ts';
import { isOnFirstPage, perRegime } from './per-regime.ts';
import { fitsBelow } from './regimes.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** Training losses in nat below which a network may be said to fit: the plan's among others, and none at all. */
const bounds = [0.05, fitsBelow, 0.2, 0.6, Number.POSITIVE_INFINITY] as const;

const asked: readonly (readonly [from: string, to: string])[] = [
  ['source GC', 'source CDNV'],
  ['source GC', 'target CDNV'],
  ['source GC', 'directional target CDNV'],
  ['target CDNV', '5-shot logistic'],
  ['source GC', '5-shot logistic'],
];

function regimeText(runs: RegimeRuns): string {
  const sample = sampleOf(runs.studies);
  const links = pooledLinks(runs);
  const linkOf = ([from, to]: (typeof asked)[number]): Link =>
    links.find((each) => each.from === from && each.to === to)!;
  const rows = bounds.flatMap((bound) => {
    const fitted = fittedOnly(sample, bound);
    const groups = groupsOf(fitted);
    if (groups.length === 0) return [];
    const cells = asked.map((ends) =>
      briefJudgementText(judgedAtSteps({ ...linkOf(ends), sample: fitted }), groups.length),
    );
    const name = bound === Number.POSITIVE_INFINITY ? 'any' : String(bound);
    return [[name, String(groups.length), rangeText(meansOf(groups, 'targetCdnv')), ...cells]];
  });
  return markdownTable(['loss below', 'n', 'target CDNV', ...asked.map((ends) => ends.join(' → '))], rows);
}

/** The links at equal steps over the configurations whose training loss ends below one bound or another, in a regime that is to fit. */
export const fitBoundText = (all: readonly RegimeRuns[]): string =>
  [
    `Links at equal steps over the n configurations whose mean training loss ends below a bound, in nat; the plan's is ${fitsBelow}.`,
    perRegime(
      all.filter((runs) => runs.regime.mustFit && isOnFirstPage(runs)),
      regimeText,
    ),
  ].join('\n\n');
