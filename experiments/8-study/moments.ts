import { atEnd, atLoss, type Setting } from '../equal-loss.ts';
import type { CheckpointValues } from '../values.ts';

/** The training losses, in nat, at which PLAN.md compares runs. */
export const equalLosses = [2, 1, 0.5] as const;

export const equalSteps = 'equal steps';

/** The runs at their ends, then at each loss that they pass. */
export const momentsOf = (rows: readonly CheckpointValues[]): readonly Setting[] => [
  { name: equalSteps, rows: atEnd(rows) },
  ...equalLosses.map((loss) => ({ name: `loss ${loss}`, rows: atLoss(rows, loss) })),
];

export const momentNames: readonly string[] = momentsOf([]).map(({ name }) => name);
