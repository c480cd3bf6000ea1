import { associationText } from '../../src/report/number-text.ts';
import {
  fitIds,
  type Predictor,
  type PredictorKind,
  type PredictorTable,
} from '../../src/report/predictors.ts';
import { behindText, predictorSentences } from '../../src/report/predictors-text.ts';
import { logistic, nearestMean } from '../claims.ts';
import { atEnd, atLoss } from '../equal-loss.ts';
import { predictorsMarkdown, predictorsOf } from '../predictors.ts';
import { markdownTable } from '../tables.ts';
import { perRegimeWithTargets } from './per-regime.ts';
import { type RegimeRuns, type Sample, sampleOf } from './study-runs.ts';

const readouts = [
  { id: logistic, label: 'logistic' },
  { id: nearestMean, label: 'nearest mean' },
] as const;

/** Shown whatever their place: the chain's own quantities, and the fit. */
const always = [
  ...['sourceGc', 'pathFlatness', 'sourceGeometricCollapse', 'sourceGeometricCollapseDirectional'],
  ...['sourceCdnv', 'sourceCdnvDirectional', 'targetGc', 'targetCdnv', 'targetCdnvDirectional', ...fitIds],
];
const shownOfEachKind = 5;

/** The first few of each kind, and those that the study asks about; how many others there were is told in words. */
export function shortened(table: PredictorTable): PredictorTable {
  const first = (kind: PredictorKind): readonly Predictor[] =>
    table.predictors.filter((each) => each.kind === kind && each.rho !== null).slice(0, shownOfEachKind);
  const leading = [...first('source'), ...first('target')];
  const predictors = table.predictors.filter((each) => leading.includes(each) || always.includes(each.id));
  return { ...table, predictors };
}

/** What ranks one accuracy at equal steps: the table's head, and who leads in words. */
function atEqualSteps({ rows, configurationOf }: Sample, readout: (typeof readouts)[number]): string {
  const table = predictorsOf(atEnd(rows), readout.id, configurationOf);
  const shown = shortened(table);
  const rest = table.predictors.length - shown.predictors.length;
  return [
    `Equal steps, ${readout.label}, ${table.configurations} configurations:`,
    predictorsMarkdown(shown),
    ...(rest === 0 ? [] : [`Measures not shown: ${rest}.`]),
    ...predictorSentences(table),
  ].join('\n\n');
}

/** The middle one of the losses at which the study compares runs. */
const loss = 1;

/** Who leads at equal loss, and how far source GC and the CDNVs are behind. */
function atEqualLoss({ rows, configurationOf }: Sample): string {
  const passing = atLoss(rows, loss);
  if (passing.length === 0) return `Training loss ${loss}: no run passes it.`;
  const behind = (table: PredictorTable, id: string): string => {
    const found = table.predictors.find((each) => each.id === id);
    return found === undefined || found.rho === null ? 'not measured' : behindText(found);
  };
  return [
    `Training loss ${loss}:`,
    markdownTable(
      [
        'accuracy',
        'n',
        'best of the source',
        'source GC behind it',
        'best of the target',
        'target CDNV behind it',
      ],
      readouts.map(({ id, label }) => {
        const table = predictorsOf(passing, id, configurationOf, ['sourceTestAccuracy']);
        const best = (kind: PredictorKind): string => {
          const found = table.predictors.find((each) => each.kind === kind && each.rho !== null);
          return found === undefined ? '-' : `${found.label}, ${associationText(found.rho)}`;
        };
        return [
          label,
          String(table.configurations),
          best('source'),
          behind(table, 'sourceGc'),
          best('target'),
          behind(table, 'targetCdnv'),
        ];
      }),
    ),
  ].join('\n\n');
}

/** Which measure of the source, and which of the target classes, ranks 5-shot accuracy best in each regime. */
export const rankingText = (all: readonly RegimeRuns[]): string =>
  [
    "Rank correlations over the means of n configurations of all knobs of a regime, with 95 % intervals and permutation p values ([docs/statistics.md](../../docs/statistics.md#what-ranks-few-shot-accuracy)). Behind the best: how much larger the best one's absolute correlation is; an interval that holds 0 shows no difference. Nothing is corrected for the number of measures.",
    perRegimeWithTargets(all, (runs) => {
      const sample = sampleOf(runs.studies);
      return [...readouts.map((readout) => atEqualSteps(sample, readout)), atEqualLoss(sample)].join('\n\n');
    }),
  ].join('\n\n');
