import { verdictText } from '../claims.ts';
import { markdownTable } from '../tables.ts';
import { overSweeps } from './answer.ts';
import { beyondFit, beyondFitCell } from './beyond-fit.ts';
import { fittedOnly, groupsOf } from './configuration-means.ts';
import { judged } from './judgement.ts';
import type { Link } from './links.ts';
import { type Column, columnOf, linksBetween } from './links-in.ts';
import { isOnFirstPage } from './per-regime.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

interface View {
  readonly head: string;
  readonly column: Column;
  /** Over which configurations. */
  readonly of: (link: Link) => Link;
}

const fitted = (link: Link): Link => ({ ...link, sample: fittedOnly(link.sample) });

/** The regimes, and beside each the configurations that fit alone where some do and others do not. */
function viewsOf(runs: RegimeRuns): readonly View[] {
  const column = columnOf(runs);
  const sample = sampleOf(runs.studies);
  const [all, fit] = [sample, fittedOnly(sample)].map((each) => groupsOf(each).length);
  const whole: View = { head: `(${runs.regime.id}), ${all}`, column, of: (link) => link };
  return fit === 0 || fit === all
    ? [whole]
    : [whole, { head: `(${runs.regime.id}), the ${fit} that fit`, column, of: fitted }];
}

const chain = [
  ['learning rate', 'source GC'],
  ['batch size', 'source GC'],
  ['L2', 'source GC'],
  ['momentum', 'source GC'],
  ['explicit penalty on GC', 'source GC'],
  ['source GC', 'target CDNV'],
  ['source GC', 'directional target CDNV'],
  ['target CDNV', '5-shot logistic'],
  ['directional target CDNV', '5-shot logistic'],
  ['source GC', '5-shot logistic'],
] as const;

const atSteps = (link: Link): string => {
  const [steps] = judged(link).judgements;
  return verdictText(steps!.found, link.claim.sign);
};

const atFit = (link: Link): string => beyondFitCell(beyondFit(link)[0]!);

function cell({ column, of }: View, from: string, to: string, text: (link: Link) => string): string {
  const [link, ...others] = linksBetween(column, from, to).map(of);
  if (link === undefined) return '-';
  return others.length === 0 ? text(link) : overSweeps([link, ...others]);
}

/** The chain's links on the first page, at equal steps: a row per link, a column per regime and one for those that fit. */
export function pageLinksText(all: readonly RegimeRuns[]): string {
  const views = all.filter(isOnFirstPage).flatMap(viewsOf);
  if (views.length === 0) return 'Not run.';
  const signOf = (from: string, to: string): string => {
    const sign = views.flatMap(({ column }) => linksBetween(column, from, to))[0]?.claim.sign;
    return sign === undefined ? '-' : sign > 0 ? 'rises' : 'falls';
  };
  const row = (from: string, to: string, held: string, text: (link: Link) => string): readonly string[] => [
    `${from} → ${to}${held}`,
    signOf(from, to),
    ...views.map((view) => cell(view, from, to, text)),
  ];
  return markdownTable(
    ['link', 'reported', ...views.map(({ head }) => head)],
    [
      ...chain.map(([from, to]) => row(from, to, '', atSteps)),
      row('source GC', '5-shot logistic', ', fit and test accuracy held fixed', atFit),
    ],
  );
}
