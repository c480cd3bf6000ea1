import { correlationText } from '../src/report/number-text.ts';
import { groupBy } from '../src/statistics/group-by.ts';
import { spearman } from '../src/statistics/rank-correlation.ts';
import { markdownTable, short } from './tables.ts';
import type { CheckpointValues } from './values.ts';

const allColumns: readonly { readonly id: string; readonly label: string }[] = [
  { id: 'nearestMeanError', label: 'nearest-mean error' },
  { id: 'sourceTestCdnv', label: 'CDNV' },
  { id: 'sourceTestGeometricCollapse', label: 'geometric collapse' },
  { id: 'cdnvBound', label: '4 (k-1) CDNV' },
  { id: 'geometricCollapseBoundPerRho', label: '4 (k-1) geometric collapse, times the unknown rho' },
  { id: 'directionalBound', label: '4 (k-1) directional CDNV' },
  { id: 'cantelliBound', label: 'Cantelli' },
  { id: 'fewShotBound', label: 'with 10 supports' },
  { id: 'poincareFloor', label: 'floor of rho' },
];

/** The bound's sides over training, on the source's test images, and how they rank the checkpoints of each run. */
export function boundTables(rows: readonly CheckpointValues[]): string {
  const columns = allColumns.filter(({ id }) => rows.some(({ values }) => id in values));
  const mean = (group: readonly CheckpointValues[], id: string): string => {
    const known = group.flatMap(({ values }) => values[id] ?? []);
    return known.length === 0 ? '-' : short(known.reduce((sum, value) => sum + value / known.length, 0));
  };
  const overTraining = [...groupBy(rows, ({ epoch }) => epoch)].map(([epoch, group]) => [
    String(epoch),
    String(group.length),
    ...columns.map(({ id }) => mean(group, id)),
  ]);
  const ranks = columns
    .slice(1)
    .map(({ id, label }) => [
      label,
      ...[...groupBy(rows, ({ seed }) => seed).values()].map((run) => rankOf(run, id)),
    ]);
  const seeds = [...new Set(rows.map(({ seed }) => `seed ${seed}`))];
  return [
    'Mean over the seeds, on the source classes of the test part:',
    markdownTable(['epoch', 'runs', ...columns.map(({ label }) => label)], overTraining),
    "Spearman's rank correlation with the nearest-mean error over a run's checkpoints, which are not independent: no interval.",
    markdownTable(['of the error with', ...seeds], ranks),
  ].join('\n\n');
}

function rankOf(run: readonly CheckpointValues[], id: string): string {
  const pairs = run.flatMap(({ values }) => {
    const [x, y] = [values[id] ?? null, values.nearestMeanError ?? null];
    return x === null || y === null ? [] : [{ x, y }];
  });
  const found = spearman(
    pairs.map(({ x }) => x),
    pairs.map(({ y }) => y),
  );
  return correlationText(found && { ...found, ci95: null });
}
