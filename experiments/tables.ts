import { meanOverSeeds } from '../src/report/aggregate.ts';
import { type RankCorrelation, spearman } from '../src/report/correlation.ts';
import { groupBy } from '../src/report/group-by.ts';
import { atEnd, atLoss } from './equal-loss.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

interface Column {
  readonly id: string;
  readonly label: string;
  readonly percent?: boolean;
}

const logistic = '5way_5shot_logistic';
const nearestMean = '5way_5shot_nearest-mean';

const meanColumns: readonly Column[] = [
  { id: 'sourceTrainLoss', label: 'train loss' },
  { id: 'sourceTrainAccuracy', label: 'train acc. %', percent: true },
  { id: 'sourceTestAccuracy', label: 'test acc. %', percent: true },
  { id: 'sourceGc', label: 'source GC' },
  { id: 'sourceGeometricCollapse', label: 'source geometric collapse' },
  { id: 'sourceCdnv', label: 'source CDNV' },
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
    const half =
      mean.halfWidth === null || mean.halfWidth < 1e-9 ? '' : ` ± ${short(factor * mean.halfWidth, 2)}`;
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

interface Claim {
  readonly from: string;
  readonly to: string;
  readonly sign: 1 | -1;
}

/** The chain under study, source first. */
function claimsOf({ reported, transfer }: Study): readonly Claim[] {
  const swept = (to: string, sign: 1 | -1): Claim => ({ from: 'parameter', to, sign });
  const opposite = reported === 1 ? -1 : 1;
  const source = [
    swept('sourceGc', reported),
    swept('sourceGeometricCollapse', reported),
    swept('sourceCdnv', reported),
  ];
  if (!transfer) return source;
  return [
    ...source,
    swept('targetCdnv', reported),
    swept(logistic, opposite),
    { from: 'sourceGc', to: 'targetCdnv', sign: 1 },
    { from: 'sourceGeometricCollapse', to: 'targetCdnv', sign: 1 },
    { from: 'targetCdnv', to: logistic, sign: -1 },
    { from: 'sourceGc', to: logistic, sign: -1 },
    { from: 'sourceGeometricCollapse', to: logistic, sign: -1 },
  ];
}

const labels: Readonly<Record<string, string>> = Object.fromEntries(
  meanColumns.map(({ id, label }) => [id, label.replace(/ %$/, '')]),
);

/** What the rows say of a claim: Spearman's rho with Fisher's interval, and the verdict that it allows. */
export function verdictText(found: RankCorrelation | null, sign: 1 | -1): string {
  if (found === null) return 'no variation';
  if (found.ci95 === null) return `${found.value.toFixed(2)}, ${found.n} runs: too few runs to say`;
  const [low, high] = found.ci95;
  const told = `${found.value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}], ${found.n} runs`;
  if (low <= 0 && high >= 0) return `${told}: undecided (not reproduced in our setting)`;
  return Math.sign(found.value) === sign
    ? `${told}: consistent with the reported trend`
    : `${told}: the opposite (not reproduced in our setting)`;
}

function claimsTable(study: Study, settings: readonly (readonly CheckpointValues[])[]): string {
  const read = (row: CheckpointValues, id: string): number | null =>
    id === 'parameter' ? row.parameter : (row.values[id] ?? null);
  const cell = (rows: readonly CheckpointValues[], { from, to, sign }: Claim): string => {
    const pairs = rows.flatMap((row) => {
      const [x, y] = [read(row, from), read(row, to)];
      return x === null || y === null ? [] : [{ x, y }];
    });
    if (pairs.length < 3) return 'too few runs to say';
    return verdictText(
      spearman(
        pairs.map(({ x }) => x),
        pairs.map(({ y }) => y),
      ),
      sign,
    );
  };
  return markdownTable(
    ['from', 'to', 'reported', 'equal epochs', 'equal training loss'],
    claimsOf(study).map((claim) => [
      claim.from === 'parameter' ? study.key : labels[claim.from]!,
      labels[claim.to]!,
      claim.sign > 0 ? 'rises' : 'falls',
      ...settings.map((rows) => cell(rows, claim)),
    ]),
  );
}

/** All that a README shows of a study, made of its results file alone. */
export function studyTables(study: Study, rows: readonly CheckpointValues[]): string {
  const [end, equal] = [atEnd(rows), atLoss(rows, study.equalLoss)];
  const left = end.length - equal.length;
  const leftOut = left === 0 ? '' : `; ${left} of ${end.length} runs do not pass it and are left out`;
  return [
    `Equal epochs (mean over seeds ± half of the 95 % t-interval; GC in squared embedding units per squared normalised input unit):`,
    meansTable(study, end),
    `Equal training loss of ${study.equalLoss} nat (in inference mode, between checkpoints${leftOut}):`,
    equal.length === 0 ? 'No run passes it.' : meansTable(study, equal),
    "Spearman's rank correlation over runs with its 95 % interval (Fisher's z; seeds of one configuration count as runs):",
    claimsTable(study, [end, equal]),
  ].join('\n\n');
}
