import { groupBy } from '../../src/statistics/group-by.ts';
import { logistic } from '../claims.ts';
import { markdownTable } from '../tables.ts';
import { groupsOf, meansOf, rangeText } from './configuration-means.ts';
import { wasRun } from './per-regime.ts';
import { fitText } from './regime-table.ts';
import { finishedHashes, type RegimeRuns, sampleOf } from './study-runs.ts';

/** `3 (8), 1 (2)`: numbers of seeds, the most first, with how many configurations have them. */
function seedsText(sizes: readonly number[]): string {
  const counted = [...groupBy(sizes, (size) => size)].toSorted(([a], [b]) => b - a);
  return counted
    .map(([size, { length }]) => (counted.length === 1 ? `${size}` : `${size} (${length})`))
    .join(', ');
}

function row({ regime, studies }: RegimeRuns): readonly string[] {
  const { id, name, recipe } = regime;
  const planned = new Set(studies.flatMap((each) => [...each.planned.keys()])).size;
  const runs = `${finishedHashes(studies).size} of ${planned}`;
  if (!studies.some(wasRun)) return [`(${id}) ${name}`, recipe, runs, ...Array<string>(7).fill('not run')];
  const groups = groupsOf(sampleOf(studies));
  const losses = meansOf(groups, 'sourceTrainLoss');
  return [
    `(${id}) ${name}`,
    recipe,
    runs,
    String(groups.length),
    seedsText(groups.map(({ length }) => length)),
    rangeText(losses),
    fitText(regime, losses),
    ...['sourceTrainAccuracy', 'sourceTestAccuracy', logistic].map((id) =>
      rangeText(meansOf(groups, id), 100),
    ),
  ];
}

/** What was trained, how far it has come, and whether it fits and transfers: a row per regime of the plan. */
export const pageRegimesText = (all: readonly RegimeRuns[]): string =>
  !all.some(({ studies }) => studies.length > 0)
    ? 'Not run.'
    : markdownTable(
        [
          'regime',
          'network, images, training',
          'runs',
          'configurations',
          'seeds',
          'training loss',
          'fits',
          'training accuracy %',
          'source test accuracy %',
          '5-way 5-shot %',
        ],
        all.map(row),
      );
