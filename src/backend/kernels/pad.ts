import { cast, dispose, float, ints, run, type Tensor } from '../tensor.ts';

/** x with zeros around it: `by` holds those before and after each axis. Op: Pad. */
export const pad = (x: Tensor, by: readonly number[]): Tensor =>
  run('Pad', [x, ints(by, [by.length / 2, 2])], { T: { type: x.dtype }, Tpaddings: { type: 'int32' } });

const evenly = (by: number): readonly number[] => [0, 0, by, by, by, by, 0, 0];

/** Images [n, h, w, c] with as many rows and columns of zeros on each side. */
export const padEvenly = (x: Tensor, by: number): Tensor => pad(x, evenly(by));

/** Images with as many rows and columns of minus infinity on each side. Ops: PadV2, Cast. */
export const padWithLeast = (x: Tensor, by: number): Tensor => {
  const least = cast(float(Number.NEGATIVE_INFINITY), x.dtype);
  const padded = run('PadV2', [x, ints(evenly(by), [4, 2]), least], {
    T: { type: x.dtype },
    Tpaddings: { type: 'int32' },
  });
  dispose(least);
  return padded;
};
