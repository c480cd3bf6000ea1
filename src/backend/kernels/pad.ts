import { ints, run, type Tensor } from '../tensor.ts';

/** x with zeros around it: `by` holds those before and after each axis. Op: Pad. */
export const pad = (x: Tensor, by: readonly number[]): Tensor =>
  run('Pad', [x, ints(by, [by.length / 2, 2])], { T: { type: x.dtype }, Tpaddings: { type: 'int32' } });

/** Images [n, h, w, c] with as many rows and columns of zeros on each side. */
export const padEvenly = (x: Tensor, by: number): Tensor => pad(x, [0, 0, by, by, by, by, 0, 0]);
