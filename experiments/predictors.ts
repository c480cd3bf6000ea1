import { associationText, correlationText } from '../src/report/number-text.ts';
import {
  fitIds,
  kindOfSet,
  type PredictorQuantity,
  type PredictorTable,
  predictorTable,
} from '../src/report/predictors.ts';
import { behindText, predictorSentences } from '../src/report/predictors-text.ts';
import { measureQuantities } from '../src/report/quantities.ts';
import { markdownTable } from './tables.ts';
import type { CheckpointValues } from './values.ts';

type Rows = readonly CheckpointValues[];

const fixed: readonly PredictorQuantity[] = [
  { id: 'sourceGc', label: 'source GC', kind: 'source' },
  { id: 'pathFlatness', label: 'flatness of the path', kind: 'source' },
  { id: 'adaptiveSharpness', label: 'source sharpness, adaptive', kind: 'source' },
  { id: 'plainSharpness', label: 'source sharpness, plain', kind: 'source' },
  { id: 'sourceTestAccuracy', label: 'source test accuracy', kind: 'control' },
  { id: 'sourceTrainLoss', label: 'source training loss', kind: 'control' },
  { id: 'targetGc', label: 'target GC', kind: 'target' },
];

const ofRows: readonly PredictorQuantity[] = (['source', 'target'] as const).flatMap((kind) =>
  measureQuantities(kind).map(({ id, label }) => ({ id, label, kind })),
);

/** GC and collapse at other layers and on other targets: columns such as `at_mnist_embedding_cdnv`. */
const elsewhere = (ids: readonly string[]): readonly PredictorQuantity[] =>
  ids
    .filter((id) => /^at_.*_(gc|gcUnpooled|cdnv|cdnvDirectional)$/.test(id))
    .map((id) => {
      const label = id.slice('at_'.length).replaceAll('_', ' ');
      return { id, label, kind: kindOfSet(label) };
    });

/** One row per run: those that several sweeps share count once. */
export const distinctRuns = (rows: Rows): Rows => [...new Map(rows.map((row) => [row.hash, row])).values()];

/**
 * The table of `gcnc predict` from a results file's rows: what ranks few-shot accuracy over configurations (as `configurationOf` tells
 * them apart), alone, with `controls` held fixed, and what is left of GC then. Columns that the file has not are left out.
 */
export function predictorsOf(
  rows: Rows,
  accuracy: string,
  configurationOf: (row: CheckpointValues) => string,
  controls: readonly string[] = fitIds,
): PredictorTable {
  const ids = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))];
  const quantities = [...fixed, ...ofRows, ...elsewhere(ids)].filter(({ id }) => ids.includes(id));
  const runs = rows.map((row) => ({ configuration: configurationOf(row), values: row.values }));
  return predictorTable(runs, quantities, { id: accuracy, label: accuracy }, controls);
}

/** The same in Markdown, with what it says in words. */
export function predictorsTable(
  rows: Rows,
  accuracy: string,
  configurationOf: (row: CheckpointValues) => string,
  controls: readonly string[] = fitIds,
): string {
  const table = predictorsOf(rows, accuracy, configurationOf, controls);
  return [predictorsMarkdown(table, controls), ...predictorSentences(table)].join('\n\n');
}

const controlNames: Readonly<Record<string, string>> = {
  sourceTrainLoss: 'training loss',
  sourceTestAccuracy: 'source test accuracy',
};

/** One row per predictor of the table. */
export const predictorsMarkdown = (
  { predictors }: PredictorTable,
  controls: readonly string[] = fitIds,
): string =>
  markdownTable(
    [
      'predictor',
      'n',
      'Spearman with 5-shot accuracy',
      `given ${controls.map((id) => controlNames[id]).join(' and ')}`,
      'source GC given the predictor',
      'behind the best of its kind',
    ],
    predictors.map((each) => [
      each.label,
      String(each.configurations),
      each.rho === null ? each.because! : associationText(each.rho),
      correlationText(each.givenFit),
      correlationText(each.complexityGiven),
      each.rho === null ? '–' : behindText(each),
    ]),
  );
