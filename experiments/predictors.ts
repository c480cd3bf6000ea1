import { measureRows } from '../src/measures/measure-rows.ts';
import { partialSpearman } from '../src/statistics/partial-correlation.ts';
import { bootstrapInterval, singly, together } from './rank-statistics.ts';
import { markdownTable } from './tables.ts';
import type { CheckpointValues } from './values.ts';

interface Predictor {
  readonly id: string;
  readonly label: string;
}

const complexity: Predictor = { id: 'sourceGc', label: 'source GC' };

/** What might predict few-shot accuracy. */
const predictors: readonly Predictor[] = [
  complexity,
  { id: 'sourceGeometricCollapse', label: 'source geometric collapse' },
  { id: 'sourceCdnv', label: 'source CDNV' },
  { id: 'sourceNc1', label: 'source NC1' },
  { id: 'adaptiveSharpness', label: 'source sharpness, adaptive' },
  { id: 'plainSharpness', label: 'source sharpness, plain' },
  { id: 'sourceTestAccuracy', label: 'source test accuracy' },
  { id: 'sourceTrainLoss', label: 'source training loss' },
  { id: 'targetCdnv', label: 'target CDNV (sees the target classes)' },
];

/** Of values that were written since these are measured; tables of earlier ones stay as they are. */
const later: readonly Predictor[] = ['source', 'target'].flatMap((where) =>
  measureRows
    .filter(({ key, inReport }) => inReport && !['cdnv', 'nc1', 'geometricCollapse'].includes(key))
    .map(({ key, label }) => ({
      id: `${where}${key[0]!.toUpperCase()}${key.slice(1)}`,
      label: `${where} ${label}`,
    })),
);

/** GC and collapse at other layers and on other targets: columns such as `at_mnist_embedding_cdnv`. */
const elsewhere = (ids: readonly string[]): readonly Predictor[] =>
  ids
    .filter((id) => /^at_.*_(gc|gcUnpooled|cdnv|cdnvDirectional)$/.test(id))
    .map((id) => ({ id, label: id.slice('at_'.length).replaceAll('_', ' ') }));

const bothControls: readonly string[] = ['sourceTrainLoss', 'sourceTestAccuracy'];
const controlNames: Readonly<Record<string, string>> = {
  sourceTrainLoss: 'training loss',
  sourceTestAccuracy: 'source test accuracy',
};
export const resampling = { resamples: 2000, seed: 0 } as const;

type Rows = readonly CheckpointValues[];
type Values = readonly number[];
type Statistic = (rows: readonly number[]) => number | null;

/** One row a run: those that several sweeps share count once. */
export const distinctRuns = (rows: Rows): Rows => [...new Map(rows.map((row) => [row.hash, row])).values()];

/**
 * The confound check: how each predictor of a run goes with few-shot accuracy, alone, with training loss and source test accuracy
 * held fixed (for these two, the other one alone), and what is left of GC once the predictor is held fixed. Percentile bootstrap
 * over runs in [ ], over configurations (as `configurationOf` tells them apart) in { }.
 */
export function predictorsTable(
  rows: Rows,
  accuracy: string,
  configurationOf: (row: CheckpointValues) => string,
  controls: readonly string[] = bothControls,
): string {
  const ids = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const known = [...later.filter(({ id }) => ids.includes(id)), ...elsewhere(ids)];
  const units = [singly(rows.length), together(rows.map(configurationOf))] as const;
  const y = valuesOf(rows, accuracy);
  const cell = (statistic: Statistic): string => {
    const value = statistic(rows.map((_, index) => index));
    if (value === null) return 'undefined';
    const [overRuns, overConfigurations] = units.map((unit) => intervalText(unit, statistic));
    return `${value.toFixed(2)} [${overRuns}] {${overConfigurations}}`;
  };
  const given = (x: Values, held: readonly Values[]): Statistic => {
    return (at) =>
      partialSpearman(
        pick(x, at),
        pick(y, at),
        held.map((values) => pick(values, at)),
      )?.value ?? null;
  };
  const row = ({ id, label }: Predictor): readonly string[] => {
    const x = valuesOf(rows, id);
    if ([...x, ...y].some(Number.isNaN)) return [label, 'undefined', 'undefined', 'undefined'];
    if (new Set(x).size === 1) return [label, 'no variation', 'no variation', 'no variation'];
    const held = controls.filter((control) => control !== id);
    return [
      label,
      cell(given(x, [])),
      held.length === 0
        ? '-'
        : cell(
            given(
              x,
              held.map((control) => valuesOf(rows, control)),
            ),
          ),
      id === complexity.id ? '-' : cell(given(valuesOf(rows, complexity.id), [x])),
    ];
  };
  return markdownTable(
    [
      'predictor',
      'Spearman with 5-shot accuracy',
      `given ${controls.map((id) => controlNames[id]).join(' and ')}`,
      'source GC given the predictor',
    ],
    [...predictors, ...known].map(row),
  );
}

const valuesOf = (rows: Rows, id: string): Values => rows.map(({ values }) => values[id] ?? Number.NaN);

const pick = (values: Values, at: readonly number[]): Values => at.map((index) => values[index]!);

const intervalText = (units: readonly (readonly number[])[], statistic: Statistic): string => {
  const interval = bootstrapInterval(units, statistic, resampling);
  return interval === null ? 'none' : `${interval.low.toFixed(2)}, ${interval.high.toFixed(2)}`;
};
