import { spearman } from '../src/report/correlation.ts';
import { bootstrapInterval, partialRankCorrelation } from './rank-statistics.ts';
import { markdownTable } from './tables.ts';
import type { CheckpointValues } from './values.ts';

/** What might predict few-shot accuracy; sharpness is not measured here. */
const predictors: readonly { readonly id: string; readonly label: string }[] = [
  { id: 'sourceGc', label: 'source GC' },
  { id: 'sourceGeometricCollapse', label: 'source geometric collapse' },
  { id: 'sourceCdnv', label: 'source CDNV' },
  { id: 'sourceNc1', label: 'source NC1' },
  { id: 'targetCdnv', label: 'target CDNV (sees the target classes)' },
  { id: 'sourceTestAccuracy', label: 'source test accuracy' },
  { id: 'sourceTrainLoss', label: 'source training loss' },
];

const bothControls: readonly string[] = ['sourceTrainLoss', 'sourceTestAccuracy'];
const controlNames: Readonly<Record<string, string>> = {
  sourceTrainLoss: 'training loss',
  sourceTestAccuracy: 'source test accuracy',
};
const resampling = { resamples: 4000, seed: 0 } as const;

type Rows = readonly CheckpointValues[];

/** Runs that several sweeps share count once. */
export const distinctRuns = (rows: Rows): Rows => [
  ...new Map(rows.map((row) => [`${row.hash} ${row.step}`, row])).values(),
];

/**
 * The confound check: how each predictor of a run at its end goes with few-shot accuracy, alone and with training loss and
 * source test accuracy held fixed (for these two, the other one alone). Percentile bootstrap over runs.
 */
export function predictorsTable(
  rows: Rows,
  accuracy: string,
  controls: readonly string[] = bothControls,
): string {
  const valuesOf = (id: string): readonly number[] => rows.map(({ values }) => values[id] ?? Number.NaN);
  const y = valuesOf(accuracy);
  const pick = (values: readonly number[], at: readonly number[]): readonly number[] =>
    at.map((index) => values[index]!);
  const cell = (statistic: (at: readonly number[]) => number | null): string => {
    const value = statistic(rows.map((_, index) => index));
    if (value === null) return 'undefined';
    const interval = bootstrapInterval(rows.length, statistic, resampling);
    const told =
      interval === null ? 'no interval' : `[${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}]`;
    return `${value.toFixed(2)} ${told}`;
  };
  const row = ({ id, label }: (typeof predictors)[number]): readonly string[] => {
    const x = valuesOf(id);
    if ([...x, ...y].some(Number.isNaN)) return [label, 'undefined', 'undefined'];
    if (new Set(x).size === 1) return [label, 'no variation', 'no variation'];
    const held = controls.filter((control) => control !== id).map(valuesOf);
    const alone = held.length === 0 ? '-' : null;
    return [
      label,
      cell((at) => spearman(pick(x, at), pick(y, at))?.value ?? null),
      alone ??
        cell((at) =>
          partialRankCorrelation(
            pick(x, at),
            pick(y, at),
            held.map((values) => pick(values, at)),
          ),
        ),
    ];
  };
  return markdownTable(
    [
      'predictor',
      'Spearman with 5-shot accuracy',
      `given ${controls.map((id) => controlNames[id]).join(' and ')}`,
    ],
    predictors.map(row),
  );
}
