import type { Interpolated } from '../statistics/passage.ts';
import type { FinishedRun, Results } from './aggregate.ts';
import { range } from './number-text.ts';
import type { Quantity } from './quantities.ts';

/** A run's value of a quantity at the moment at which runs are compared; null where it has none there. */
export type Moment = (run: FinishedRun, quantity: Quantity) => Interpolated | null;

/** What the moment of the last checkpoints is called: `equal steps`, or `the runs' ends (2 to 30 steps)`. */
export function endsName({ finished }: Pick<Results, 'finished'>): string {
  const steps = finished.map(({ final }) => final.step);
  return new Set(steps).size < 2 ? 'equal steps' : `the runs' ends (${range(steps, 'step')})`;
}

/** The last checkpoint: equal steps, where the runs have as many. */
export const atEnd: Moment = ({ final }, quantity) => {
  const value = quantity.read(final);
  return value === null ? null : { value, error: 0 };
};
