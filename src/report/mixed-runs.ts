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
    const checksums = distinct(runs, ({ run }) => run.environment?.dataChecksum);
    if (checksums.length < 2) return [];
    const { name } = (runs[0]!.run.config?.data ?? {}) as { readonly name?: unknown };
    return [
      `runs on ${checksums.length} different sets of images called ${name} (checksums ${checksums.map((each) => each.slice(0, 12)).join(', ')}): do not compare them, nor take them for seeds`,
    ];
  });
}

/** `auto` leaves the type to the machine: of the training, and of geometric complexity's products. */
function otherPrecision(finished: readonly FinishedRun[]): readonly string[] {
  const asAuto = (
    block: 'training' | 'measure',
    typeOf: (run: FinishedRun) => unknown,
  ): readonly string[] => {
    const types = distinct(
      finished.filter(({ run }) => precisionOf(run, block) === 'auto'),
      typeOf,
    );
    return types.length < 2
      ? []
      : [
          `${block}.precision auto was ${types.join(' in some runs and ')} in others: these are no seeds of one configuration`,
        ];
  };
  return [
    ...asAuto('training', ({ run }) => run.environment?.trainingPrecision),
    ...asAuto('measure', ({ final }) => final.measures[0]?.geometricComplexity.precision),
  ];
}

const precisionOf = ({ config }: FinishedRun['run'], block: 'training' | 'measure'): unknown =>
  (config?.[block] as { readonly precision?: unknown } | undefined)?.precision;

const distinct = (
  finished: readonly FinishedRun[],
  read: (run: FinishedRun) => unknown,
): readonly string[] => [
  ...new Set(
    finished.flatMap((run) => {
      const value = read(run);
      return typeof value === 'string' ? [value] : [];
    }),
  ),
];
