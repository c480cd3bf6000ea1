import { markdownTable } from '../tables.ts';
import { beyondFit } from './beyond-fit.ts';
import { fittedOnly, groupsOf } from './configuration-means.ts';
import { briefJudgementText, briefText, judgedAtSteps } from './judgement.ts';
import { type Link, pooledLinks } from './links.ts';
import { isOnFirstPage } from './per-regime.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** A regime's configurations, or those of them that fit. */
interface View {
  readonly head: string;
  readonly configurations: number;
  readonly links: readonly Link[];
}

const fitted = (link: Link): Link => ({ ...link, sample: fittedOnly(link.sample) });

/** The regimes, and beside each the configurations that fit alone where some do and others do not. */
function viewsOf(runs: RegimeRuns): readonly View[] {
  const links = pooledLinks(runs);
  const sample = sampleOf(runs.studies);
  const [all, fit] = [groupsOf(sample).length, groupsOf(fittedOnly(sample)).length];
  const whole: View = { head: `(${runs.regime.id}), n = ${all}`, configurations: all, links };
  if (fit === 0 || fit === all) return [whole];
  const head = `(${runs.regime.id}), the ${fit} that fit`;
  return [whole, { head, configurations: fit, links: links.map(fitted) }];
}

const chain = [
  ['source GC', 'source CDNV'],
  ['source CDNV', 'target CDNV'],
  ['source GC', 'target CDNV'],
  ['source GC', 'directional target CDNV'],
  ['target CDNV', '5-shot logistic'],
  ['directional target CDNV', '5-shot logistic'],
  ['source GC', '5-shot logistic'],
  ['source geometric collapse', 'target CDNV'],
  ['source GC per squared feature norm', '5-shot logistic'],
] as const;

/** Those asked again with training loss and source test accuracy held fixed. */
const heldFixed = [
  ['source GC', 'target CDNV'],
  ['source GC', 'directional target CDNV'],
  ['directional target CDNV', '5-shot logistic'],
  ['source GC', '5-shot logistic'],
] as const;

const atSteps = (link: Link, of: number): string => briefJudgementText(judgedAtSteps(link), of);

function atFit(link: Link, of: number): string {
  const { left, outcome } = beyondFit(link)[0]!;
  return briefText(left, outcome, of);
}

/** The links between quantities on the first page, at equal steps: a row per link, a column per regime and one for those that fit. */
export function pageLinksText(all: readonly RegimeRuns[]): string {
  const views = all.filter(isOnFirstPage).flatMap(viewsOf);
  if (views.length === 0) return 'Not run.';
  const find = (links: readonly Link[], from: string, to: string): Link =>
    links.find((each) => each.from === from && each.to === to)!;
  const row = (from: string, to: string, held: string, text: typeof atSteps): readonly string[] => [
    `${from} → ${to}${held}`,
    find(views[0]!.links, from, to).claim.sign > 0 ? 'rises' : 'falls',
    ...views.map(({ links, configurations }) => text(find(links, from, to), configurations)),
  ];
  return markdownTable(
    ['link', 'reported', ...views.map(({ head }) => head)],
    [
      ...chain.map(([from, to]) => row(from, to, '', atSteps)),
      ...heldFixed.map(([from, to]) => row(from, to, ', held fixed', atFit)),
    ],
  );
}
