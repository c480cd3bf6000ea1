import { associationText, correlationText } from '../../src/report/number-text.ts';
import { leadersOf } from '../../src/report/predictors.ts';
import { fewestConfigurations } from '../../src/statistics/association.ts';
import { groupBy } from '../../src/statistics/group-by.ts';
import { logistic } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { predictorsOf } from '../predictors.ts';
import { markdownTable } from '../tables.ts';
import { beyondFit, beyondFitCell } from './beyond-fit.ts';
import { fittedOnly, groupsOf } from './configuration-means.ts';
import {
  equalLossText,
  isMissing,
  type JudgedLink,
  judged,
  judgedAtSteps,
  judgementText,
} from './judgement.ts';
import { knobLinks, type Link, pooledLinks } from './links.ts';
import { isOnFirstPage } from './per-regime.ts';
import { regimeTitle } from './regimes.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

/** A regime with its links, each of which is found by what it is from and to. */
interface Column {
  readonly runs: RegimeRuns;
  readonly links: readonly Link[];
}

const columnOf = (runs: RegimeRuns): Column => ({
  runs,
  links: [...knobLinks(runs), ...pooledLinks(runs)],
});

/** A regime's links between two things: several where sweeps of one knob differ in something else, none where it does not ask. */
function linksBetween({ links }: Column, from: string, to: string): readonly Link[] {
  const own = links.filter((each) => each.to === to);
  const exact = own.filter((each) => each.from === from);
  return exact.length > 0 ? exact : own.filter((each) => each.from.startsWith(`${from}, `));
}

interface Row {
  readonly name: string;
  /** The links that the row is about, in a regime that has them: several where sweeps of one knob differ; none where the row asks something else. */
  readonly linksIn: (column: Column) => readonly Link[];
  readonly cell: (column: Column) => string;
}

/** Equal steps in numbers, and what equal losses say. */
const atBoth = (link: JudgedLink): string => {
  const [steps] = link.judgements;
  const found = judgementText(steps!, link.link.claim.sign);
  return isMissing(steps!.outcome) ? found : `${found}; ${equalLossText(link)}`;
};

/** `consistent in 3 of 4 sweeps, undecided in 1 (+0.80 to +1.00)`, at equal steps. */
function overSweeps(links: readonly Link[]): string {
  const steps = links.map(judgedAtSteps);
  const said = [...groupBy(steps, ({ outcome }) => outcome)].toSorted(([, a], [, b]) => b.length - a.length);
  const counts = said.map(
    ([outcome, { length }], at) => `${outcome} in ${length}${at === 0 ? ` of ${links.length} sweeps` : ''}`,
  );
  const found = steps.flatMap((step) => (step.found === null || step.found === 'few' ? [] : [step.found]));
  const ordered = found
    .toSorted((a, b) => a.value - b.value)
    .map((each) => correlationText({ ...each, ci95: null }));
  const values = [...new Set([ordered[0], ordered.at(-1)])].filter((text) => text !== undefined);
  return `${counts.join(', ')}${values.length === 0 ? '' : ` (${values.join(' to ')})`}`;
}

const linkRow = (from: string, to: string, text: (link: Link) => string, held = ''): Row => {
  const linksIn: Row['linksIn'] = (column) => linksBetween(column, from, to);
  return {
    name: `${from} → ${to}${held}`,
    linksIn,
    cell: (column) => {
      const [link, ...others] = linksIn(column);
      if (link === undefined) return 'not asked';
      return others.length === 0 ? text(link) : overSweeps([link, ...others]);
    },
  };
};

const row = (from: string, to: string): Row => linkRow(from, to, (link) => atBoth(judged(link)));

const fitRow = (from: string, to: string): Row =>
  linkRow(
    from,
    to,
    (link) => beyondFitCell(beyondFit(link)[0]!),
    ', training loss and source test accuracy held fixed',
  );

/** The link over the configurations alone that fit, where enough of a regime do. */
const fittedRow = (from: string, to: string): Row =>
  linkRow(
    from,
    to,
    (link) => {
      const fitted = fittedOnly(link.sample);
      return fitted.rows.length === 0 ? 'none fits' : atBoth(judged({ ...link, sample: fitted }));
    },
    ', configurations that fit alone',
  );

const bestRow = (kind: 'source' | 'target', name: string): Row => ({
  name,
  linksIn: () => [],
  cell: ({ runs }) => {
    const { rows, configurationOf } = sampleOf(runs.studies);
    const [best, ...others] = leadersOf(predictorsOf(atEnd(rows), logistic, configurationOf), kind);
    if (best === undefined || best.configurations < fewestConfigurations) return 'too few configurations';
    const also = others.length === 0 ? '' : `; ${others.length} others are not shown to rank worse`;
    return `${best.label}, ${associationText(best.rho)}, n = ${best.configurations}${also}`;
  },
});

const knobs = ['learning rate', 'batch size', 'L2', 'L2, as published', 'momentum', 'explicit penalty on GC'];

const asked: readonly Row[] = [
  ...knobs.map((knob) => row(knob, 'source GC')),
  ...knobs.map((knob) => row(knob, '5-shot logistic')),
  row('squared gradient along the path', 'source GC'),
  row('source GC', 'source CDNV'),
  row('source CDNV', 'target CDNV'),
  row('source GC', 'target CDNV'),
  row('source GC', 'directional target CDNV'),
  row('target CDNV', '5-shot logistic'),
  row('directional target CDNV', '5-shot logistic'),
  row('source GC', '5-shot logistic'),
  row('source GC', '5-shot nearest mean'),
  fittedRow('source GC', 'source CDNV'),
  fittedRow('source GC', 'target CDNV'),
  fittedRow('target CDNV', '5-shot logistic'),
  fittedRow('source GC', '5-shot logistic'),
  fitRow('source GC', 'target CDNV'),
  fitRow('source GC', '5-shot logistic'),
  row('source geometric collapse', 'target CDNV'),
  row('source GC per squared feature norm', 'target CDNV'),
  row('source GC per squared feature norm', '5-shot logistic'),
  bestRow('source', 'the measure of the source that ranks 5-shot accuracy best'),
  bestRow('target', 'the measure of the target classes that ranks it best'),
];

/** What the chain expects of a row's link, whichever regime has it. */
function expected({ linksIn }: Row, columns: readonly Column[]): string {
  const sign = columns.flatMap(linksIn)[0]?.claim.sign;
  return sign === undefined ? '-' : sign > 0 ? 'rises' : 'falls';
}

/** `Regime (a), plain: 29 configurations`: what the pooled rows of a column are over. */
const columnHead = ({ regime, studies }: RegimeRuns): string =>
  `${regimeTitle(regime)}: ${groupsOf(sampleOf(studies)).length} configurations`;

/** The study in one table: a row per link or question, a column per regime with target classes that was run. */
export function answerText(all: readonly RegimeRuns[]): string {
  const columns = all.filter(isOnFirstPage).map(columnOf);
  if (columns.length === 0) return 'Not run.';
  return markdownTable(
    ['link', 'expected', ...columns.map(({ runs }) => columnHead(runs))],
    asked.map((each) => [each.name, expected(each, columns), ...columns.map(each.cell)]),
  );
}
