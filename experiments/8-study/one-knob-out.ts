import { markdownTable } from '../tables.ts';
import { fittedOnly } from './configuration-means.ts';
import { judgedAtSteps, judgementText } from './judgement.ts';
import { type Link, pooledLinks } from './links.ts';
import { isOnFirstPage, perRegime, wasRun } from './per-regime.ts';
import { knobLabel } from './regimes.ts';
import type { RegimeRuns } from './study-runs.ts';

/** The chain's links that a reader asks of each knob. */
const asked: readonly (readonly [from: string, to: string])[] = [
  ['source GC', 'source CDNV'],
  ['source GC', 'target CDNV'],
  ['source GC', 'directional target CDNV'],
  ['target CDNV', '5-shot logistic'],
  ['directional target CDNV', '5-shot logistic'],
  ['source GC', '5-shot logistic'],
];

const cellOf = (links: readonly Link[], [from, to]: (typeof asked)[number], fitted: boolean): string => {
  const link = links.find((each) => each.from === from && each.to === to);
  if (link === undefined) return 'not run';
  const sample = fitted ? fittedOnly(link.sample) : link.sample;
  if (sample.rows.length === 0) return 'none fits';
  return judgementText(judgedAtSteps({ ...link, sample }), link.claim.sign);
};

function regimeText({ regime, studies }: RegimeRuns): string {
  const run = studies.filter(wasRun);
  if (run.length < 3) return 'Fewer than three knobs.';
  const rows = [undefined, ...run].flatMap((left) => {
    const links = pooledLinks({ regime, studies: run.filter((each) => each !== left) });
    const name = left === undefined ? 'none' : knobLabel(left.study);
    return [false, true].map((fitted) => [
      name,
      fitted ? 'fit alone' : 'all',
      ...asked.map((each) => cellOf(links, each, fitted)),
    ]);
  });
  return markdownTable(['left out', 'configurations', ...asked.map((ends) => ends.join(' → '))], rows);
}

/** How much the pooled links at equal steps owe to one knob: the same with each knob's sweep left out, its base too where no other sweep has it. */
export const oneKnobOutText = (all: readonly RegimeRuns[]): string =>
  [
    'Links at equal steps where the configurations of one knob are left out: Spearman’s rho over the means of n configurations, 95 % interval, permutation p value and verdict. A regime’s base stays in where another knob has it.',
    perRegime(all.filter(isOnFirstPage), regimeText),
  ].join('\n\n');
