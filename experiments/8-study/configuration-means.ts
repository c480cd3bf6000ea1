import { groupBy } from '../../src/statistics/group-by.ts';
import { atEnd } from '../equal-loss.ts';
import { short } from '../tables.ts';
import type { CheckpointValues } from '../values.ts';
import { fitsBelow } from './regimes.ts';
import type { Sample } from './study-runs.ts';

/** One configuration's runs at their ends. */
export type Group = readonly CheckpointValues[];

export const groupsOf = ({ rows, configurationOf }: Sample): readonly Group[] => [
  ...groupBy(atEnd(rows), configurationOf).values(),
];

/** The values of the runs that have the quantity. */
export const known = (group: Group, id: string): readonly number[] =>
  group.flatMap(({ values }) => values[id] ?? []);

export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value / values.length, 0);

/** Configurations' means; those without the value are left out. */
export const meansOf = (groups: readonly Group[], id: string): readonly number[] =>
  groups.map((group) => known(group, id)).flatMap((values) => (values.length === 0 ? [] : [meanOf(values)]));

/** `0.710 to 1.16`, from the least to the largest. */
export const rangeText = (values: readonly number[], factor = 1): string =>
  values.length === 0
    ? '-'
    : `${short(factor * Math.min(...values))} to ${short(factor * Math.max(...values))}`;

export const fits = (group: Group, below = fitsBelow): boolean =>
  meanOf(known(group, 'sourceTrainLoss')) < below;

/** The configurations alone whose mean training loss at the end is below a bound in nat, the plan's where none is given. */
export function fittedOnly(sample: Sample, below = fitsBelow): Sample {
  const fitted = new Set(
    groupsOf(sample).flatMap((group) => (fits(group, below) ? [sample.configurationOf(group[0]!)] : [])),
  );
  return { ...sample, rows: sample.rows.filter((row) => fitted.has(sample.configurationOf(row))) };
}
