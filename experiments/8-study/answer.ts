import { associationText } from '../../src/report/number-text.ts';
import { leadersOf } from '../../src/report/predictors.ts';
import { fewestConfigurations } from '../../src/statistics/association.ts';
import { logistic } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { predictorsOf } from '../predictors.ts';
import { markdownTable } from '../tables.ts';
import { beyondFit, beyondFitCell } from './beyond-fit.ts';
import { equalLossText, type JudgedLink, judged, judgementText } from './judgement.ts';
import { knobLinks, type Link, pooledLinks } from './links.ts';
import { hasTargets, wasRun } from './per-regime.ts';
import { knobLabel, regimeTitle } from './regimes.ts';
import { type RegimeRuns, sampleOf } from './study-runs.ts';

interface Row {
  readonly name: string;
  /** What the paper's chain expects; a dash where the row asks something else. */
  readonly expected: string;
  readonly cell: (runs: RegimeRuns) => string;
}

const steps = ({ link, judgements }: JudgedLink): string => judgementText(judgements[0]!, link.claim.sign);

/** Equal steps in numbers, and what equal losses say. */
const atBoth = (link: JudgedLink): string => {
  const found = steps(link);
  return found === 'not run' || found === 'not measured' ? found : `${found}; ${equalLossText(link)}`;
};

const arrow = (from: string, to: string): string => `${from} → ${to}`;
const direction = (sign: 1 | -1): string => (sign > 0 ? 'rises' : 'falls');

const knobRow = (from: string, to: string, sign: 1 | -1): Row => ({
  name: arrow(from, to),
  expected: direction(sign),
  cell: (runs) => {
    const link = knobLinks(runs).find((each) => each.from === from && each.to === to);
    return link === undefined ? 'not asked' : atBoth(judged(link));
  },
});

const pooled = (runs: RegimeRuns, from: string, to: string): Link | undefined =>
  pooledLinks(runs).find((each) => each.from === from && each.to === to);

const pooledRow = (from: string, to: string, sign: 1 | -1): Row => ({
  name: arrow(from, to),
  expected: direction(sign),
  cell: (runs) => {
    const link = pooled(runs, from, to);
    return link === undefined ? 'not asked' : atBoth(judged(link));
  },
});

const fitRow = (from: string, to: string, sign: 1 | -1): Row => ({
  name: `${arrow(from, to)}, training loss and source test accuracy held fixed`,
  expected: direction(sign),
  cell: (runs) => {
    const link = pooled(runs, from, to);
    return link === undefined ? 'not asked' : beyondFitCell(beyondFit(link)[0]!);
  },
});

const bestRow = (kind: 'source' | 'target', name: string): Row => ({
  name,
  expected: '-',
  cell: (runs) => {
    if (!hasTargets(runs)) return 'not asked';
    const { rows, configurationOf } = sampleOf(runs.studies);
    const [best, ...others] = leadersOf(predictorsOf(atEnd(rows), logistic, configurationOf), kind);
    if (best === undefined || best.configurations < fewestConfigurations) return 'too few configurations';
    const also = others.length === 0 ? '' : `; ${others.length} others are not shown to rank worse`;
    return `${best.label}, ${associationText(best.rho)}, n = ${best.configurations}${also}`;
  },
});

const knobs = [
  ['learning rate', -1],
  ['batch size', 1],
  ['L2', -1],
] as const;

const rows: readonly Row[] = [
  ...knobs.map(([knob, sign]) => knobRow(knob, 'source GC', sign)),
  ...knobs.map(([knob, sign]) => knobRow(knob, '5-shot logistic', sign > 0 ? -1 : 1)),
  pooledRow('squared gradient along the path', 'source GC', 1),
  pooledRow('source GC', 'target CDNV', 1),
  pooledRow('source GC', 'directional target CDNV', 1),
  pooledRow('target CDNV', '5-shot logistic', -1),
  pooledRow('directional target CDNV', '5-shot logistic', -1),
  pooledRow('source GC', '5-shot logistic', -1),
  pooledRow('source GC', '5-shot nearest mean', -1),
  fitRow('source GC', 'target CDNV', 1),
  fitRow('source GC', '5-shot logistic', -1),
  pooledRow('source geometric collapse', 'target CDNV', 1),
  pooledRow('source GC per squared feature norm', 'target CDNV', 1),
  pooledRow('source GC per squared feature norm', '5-shot logistic', -1),
  bestRow('source', 'the measure of the source that ranks 5-shot accuracy best'),
  bestRow('target', 'the measure of the target classes that ranks it best'),
];

/** `Regime (a), plain; values: learning rate 8, L2 3`: what the pooled rows of a column are over. */
function columnHead({ regime, studies }: RegimeRuns): string {
  const run = studies
    .filter(wasRun)
    .map(
      ({ study, rows: own }) => `${knobLabel(study)} ${new Set(own.map(({ parameter }) => parameter)).size}`,
    );
  return `${regimeTitle(regime)}; values: ${run.join(', ')}`;
}

/** The study in one table: a row per link or question, a column per regime with target classes that was run. */
export function answerText(all: readonly RegimeRuns[]): string {
  const shown = all.filter((runs) => runs.regime.isPooled && hasTargets(runs) && runs.studies.some(wasRun));
  if (shown.length === 0) return 'Not run.';
  return markdownTable(
    ['link', 'expected', ...shown.map(columnHead)],
    rows.map(({ name, expected, cell }) => [name, expected, ...shown.map(cell)]),
  );
}
