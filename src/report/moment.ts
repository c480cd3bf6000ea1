import type { Interpolated } from '../statistics/passage.ts';
import type { FinishedRun } from './aggregate.ts';
import type { Quantity } from './quantities.ts';

/** A run's value of a quantity at the moment at which runs are compared; null where it has none there. */
export type Moment = (run: FinishedRun, quantity: Quantity) => Interpolated | null;

/** The last checkpoint: equal steps, where the runs have as many. */
export const atEnd: Moment = ({ final }, quantity) => {
  const value = quantity.read(final);
  return value === null ? null : { value, error: 0 };
};
