import { meanOverSeeds } from '../src/report/aggregate.ts';
import { groupBy } from '../src/statistics/group-by.ts';
import { claimsOf, correlationOf, logistic, nearestMean, verdictText } from './claims.ts';
import { type Setting, settingsOf } from './equal-loss.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

interface Column {
  readonly id: string;
  readonly label: string;
  readonly percent?: boolean;
}

const meanColumns: readonly Column[] = [
  { id: 'sourceTrainLoss', label: 'train loss' },
  { id: 'sourceTrainAccuracy', label: 'train acc. %', percent: true },
  { id: 'sourceTestAccuracy', label: 'test acc. %', percent: true },
  { id: 'sourceGc', label: 'source GC' },
  { id: 'sourceGeometricCollapse', label: 'source geometric collapse' },
  { id: 'sourceCdnv', label: 'source CDNV' },
  { id: 'adaptiveSharpness', label: 'adaptive sharpness' },
  { id: 'plainSharpness', label: 'plain sharpness' },
  { id: 'targetCdnv', label: 'target CDNV' },
  { id: logistic, label: '5-shot logistic %', percent: true },
  { id: nearestMean, label: '5-shot nearest mean %', percent: true },
];

/** Three significant digits, or as many as asked: what the seeds' spread leaves of meaning. */
export const short = (value: number, digits = 3): string => {
  if (value === 0) return '0';
  const text = value.toPrecision(digits);
  return text.includes('e') ? String(Number(text)) : text;
};

/** Cells padded to their column's width, as the formatter wants them. */
export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = header.map((_, column) =>
    Math.max(3, ...[header, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  return [header, rule, ...rows]
    .map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`)
    .join('\n');
}

/** One row a value of the swept key: mean over seeds ± half of Student's 95 % interval. */
function meansTable(study: Study, rows: readonly CheckpointValues[]): string {
  const columns = meanColumns.filter(({ id }) => rows.some(({ values }) => (values[id] ?? null) !== null));
  const groups = [...groupBy(rows, ({ parameter }) => parameter)].sort(([a], [b]) => a - b);
  const cell = (group: readonly CheckpointValues[], { id, percent }: Column): string => {
    const factor = percent ? 100 : 1;
    const mean = meanOverSeeds(group.map(({ values }) => values[id] ?? null));
    if (mean === null) return '-';
    const interpolation = group.reduce((sum, { errors }) => sum + (errors?.[id] ?? 0) / group.length, 0);
    const width = mean.halfWidth === null ? null : mean.halfWidth + interpolation;
    const half = width === null || width < 1e-9 ? '' : ` ± ${short(factor * width, 2)}`;
    return `${short(factor * mean.mean)}${half}`;
  };
  return markdownTable(
    [study.key, 'runs', 'epochs', ...columns.map(({ label }) => label)],
    groups.map(([parameter, group]) => [
      String(parameter),
      String(group.length),
      short(group.reduce((sum, { epoch }) => sum + epoch / group.length, 0)),
      ...columns.map((column) => cell(group, column)),
    ]),
  );
}

function claimsTable(study: Study, settings: readonly Setting[]): string {
  return markdownTable(
    ['from', 'to', 'reported', ...settings.map(({ name }) => name)],
    claimsOf(study).map((claim) => [
      claim.from === 'parameter' ? study.key : labels[claim.from]!,
      labels[claim.to]!,
      claim.sign > 0 ? 'rises' : 'falls',
      ...settings.map(({ rows }) => verdictText(correlationOf(rows, claim), claim.sign)),
    ]),
  );
}

const labels: Readonly<Record<string, string>> = Object.fromEntries(
  meanColumns.map(({ id, label }) => [id, label.replace(/ %$/, '')]),
);

/** All that a README shows of a study, made of its results file alone. */
export function studyTables(study: Study, rows: readonly CheckpointValues[]): string {
  const settings = settingsOf(study, rows);
  const [end, equal] = settings;
  const left = end!.rows.length - (equal?.rows.length ?? 0);
  const leftOut = left === 0 ? '' : `; ${left} of ${end!.rows.length} runs do not pass it and are left out`;
  const means = [
    study.stopsAtLoss
      ? 'At the end of the epoch whose mean training loss was low enough (training mode, augmented images; the loss in the table is in inference mode):'
      : study.equalLoss === null
        ? 'At the end of the runs:'
        : 'Equal epochs:',
    meansTable(study, end!.rows),
    ...(equal === undefined
      ? []
      : [
          `Equal training loss of ${study.equalLoss} nat (in inference mode, between checkpoints${leftOut}):`,
          equal.rows.length === 0 ? 'No run passes it.' : meansTable(study, equal.rows),
        ]),
  ];
  return [
    'Mean over seeds ± half of the 95 % t-interval, at equal loss with what interpolation may have missed; GC in squared embedding units per squared normalised input unit.',
    ...means,
    "Spearman's rank correlation over the means of n configurations, with its 95 % interval and permutation p value ([docs/statistics.md](../../docs/statistics.md)):",
    claimsTable(study, settings),
  ].join('\n\n');
}
