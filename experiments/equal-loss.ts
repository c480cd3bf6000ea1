import { groupBy } from '../src/report/group-by.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

type Values = CheckpointValues['values'];

/** Runs at their last checkpoint: equal epochs. */
export const atEnd = (rows: readonly CheckpointValues[]): readonly CheckpointValues[] =>
  rows.filter(({ final }) => final);

/** Runs made comparable in one way. */
export interface Setting {
  readonly name: string;
  readonly rows: readonly CheckpointValues[];
}

/** A study's runs at their ends and, where its header names one, at equal training loss too. */
export function settingsOf(study: Study, rows: readonly CheckpointValues[]): readonly Setting[] {
  const { equalLoss, stopsAtLoss } = study;
  if (equalLoss === null)
    return [{ name: stopsAtLoss ? 'stopped at a training loss' : 'at the end', rows: atEnd(rows) }];
  return [
    { name: 'equal epochs', rows: atEnd(rows) },
    { name: 'equal training loss', rows: atLoss(rows, equalLoss) },
  ];
}

/**
 * Each run at the moment when its source training loss (inference mode) falls to `loss`: between the two checkpoints around
 * it, logarithms linear in the loss for positive quantities, else the values themselves. Runs that never reach it, or that
 * were below it before their first checkpoint, are left out.
 */
export function atLoss(rows: readonly CheckpointValues[], loss: number): readonly CheckpointValues[] {
  return [...groupBy(rows, ({ hash }) => hash).values()].flatMap((run) => {
    const ordered = run.toSorted((a, b) => a.step - b.step);
    const end = ordered.findIndex(({ values }) => lossOf(values) <= loss);
    const [before, after] = [ordered[end - 1], ordered[end]];
    if (before === undefined || after === undefined) return [];
    const share = (lossOf(before.values) - loss) / (lossOf(before.values) - lossOf(after.values));
    const between = (from: number, to: number): number => from + share * (to - from);
    const values = Object.fromEntries(
      Object.keys(after.values).map((name) => {
        const [from, to] = [before.values[name] ?? null, after.values[name] ?? null];
        if (from === null || to === null) return [name, null];
        const logarithmic = from > 0 && to > 0;
        return [name, logarithmic ? Math.exp(between(Math.log(from), Math.log(to))) : between(from, to)];
      }),
    );
    const exact: Values = { ...values, sourceTrainLoss: loss };
    return [
      {
        ...after,
        epoch: between(before.epoch, after.epoch),
        step: between(before.step, after.step),
        values: exact,
      },
    ];
  });
}

const lossOf = (values: Values): number => values.sourceTrainLoss ?? Number.POSITIVE_INFINITY;
