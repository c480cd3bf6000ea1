import { canonicalJson } from '../files/canonical-json.ts';
import { groupBy } from '../statistics/group-by.ts';
import type { FinishedRun } from './aggregate.ts';

/** Runs whose configs are those of one configuration, and that are not comparable: on other images of one name, or in another type. */
export const mixedRuns = (finished: readonly FinishedRun[]): readonly string[] => [
  ...otherImages(finished),
  ...otherPrecision(finished),
];

/** A named data set's images are no part of a run's config: the folder of data sets may hold others. */
function otherImages(finished: readonly FinishedRun[]): readonly string[] {
  const byData = groupBy(finished, ({ run }) => canonicalJson(run.config?.data ?? null));
  return [...byData].flatMap(([, runs]) => {
    const checksums = distinct(runs, 'dataChecksum');
    if (checksums.length < 2) return [];
    const { name } = (runs[0]!.run.config?.data ?? {}) as { readonly name?: unknown };
    return [
      `runs on ${checksums.length} different sets of images called ${name} (checksums ${checksums.map((each) => each.slice(0, 12)).join(', ')}): do not compare them, nor take them for seeds`,
    ];
  });
}

/** `auto` leaves the type to the machine. */
function otherPrecision(finished: readonly FinishedRun[]): readonly string[] {
  const types = distinct(
    finished.filter(({ run }) => precisionOf(run) === 'auto'),
    'trainingPrecision',
  );
  return types.length < 2
    ? []
    : [
        `training.precision auto was ${types.join(' in some runs and ')} in others: these are no seeds of one configuration`,
      ];
}

const precisionOf = ({ config }: FinishedRun['run']): unknown =>
  (config?.training as { readonly precision?: unknown } | undefined)?.precision;

const distinct = (
  finished: readonly FinishedRun[],
  key: 'dataChecksum' | 'trainingPrecision',
): readonly string[] => [
  ...new Set(
    finished.flatMap(({ run }) => {
      const value = run.environment?.[key];
      return typeof value === 'string' ? [value] : [];
    }),
  ),
];
