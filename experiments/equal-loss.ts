import { groupBy } from '../src/statistics/group-by.ts';
import { passageOf, valueAt } from '../src/statistics/passage.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

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
 * Each run at the moment when its source training loss (inference mode) first falls to `loss`, with what interpolation may have
 * missed. Runs that never reach it, or that were at or below it at their first checkpoint, are left out.
 */
export function atLoss(rows: readonly CheckpointValues[], loss: number): readonly CheckpointValues[] {
  return [...groupBy(rows, ({ hash }) => hash).values()].flatMap((run) => {
    const ordered = run.toSorted((a, b) => a.step - b.step);
    const losses = ordered.map(({ values }) => values.sourceTrainLoss ?? null);
    const passage = passageOf(losses, loss);
    if (typeof passage === 'string') return [];
    const [before, after] = [ordered[passage.before]!, ordered[passage.after]!];
    const between = (from: number, to: number): number => from + passage.share * (to - from);
    const found = Object.keys(after.values)
      .filter((name) => name !== 'sourceTrainLoss')
      .map((name) => {
        const own = ordered.map(({ values }) => values[name] ?? null);
        return [name, valueAt(passage, losses, own)] as const;
      });
    return [
      {
        ...after,
        epoch: between(before.epoch, after.epoch),
        step: between(before.step, after.step),
        values: {
          ...Object.fromEntries(found.map(([name, each]) => [name, each?.value ?? null])),
          sourceTrainLoss: loss,
        },
        errors: Object.fromEntries(found.map(([name, each]) => [name, each?.error ?? 0])),
      },
    ];
  });
}
