import { cast, dispose, float, fromArray, ints, run, scalar, type Tensor } from '../tensor.ts';
import { pad } from './pad.ts';

/** Which blocks are left out, and with what probability a block starts at a place where it fits. */
export interface Blocks {
  /** Side of a block. */
  readonly size: number;
  readonly startProbability: number;
}

/**
 * A float32 mask [n, height, width, channels] for DropBlock: 0 inside blocks of `size` x `size` of one channel, elsewhere the number of
 * values divided by how many are kept, so that a mean is kept. A function of the two words of the seed.
 * Ops: StatelessRandomUniform, Less, Cast, Pad, MaxPool, Sub, Sum, Maximum, RealDiv, Mul.
 */
export const dropBlockMask = (
  shape: readonly number[],
  { size, startProbability }: Blocks,
  seed: readonly [number, number],
): Tensor => {
  const [examples, height, width, channels] = shape as readonly [number, number, number, number];
  const words = fromArray(Int32Array.from(seed), [2]);
  const places = ints([examples, height - size + 1, width - size + 1, channels]);
  const uniform = run('StatelessRandomUniform', [places, words], {
    dtype: { type: 'float32' },
    T: { type: 'int32' },
    Tseed: { type: 'int32' },
  });
  const probability = scalar(startProbability);
  const starts = run('Less', [uniform, probability], typed);
  const ones = cast(starts, 'float32');
  const before = [size - 1, size - 1] as const;
  const around = size === 1 ? ones : pad(ones, [0, 0, ...before, ...before, 0, 0]);
  const dropped = run('MaxPool', [around], {
    ...typed,
    ksize: { ints: [1, size, size, 1] },
    strides: { ints: [1, 1, 1, 1] },
    padding: { string: 'VALID' },
    data_format: { string: 'NHWC' },
    explicit_paddings: { ints: [] },
  });
  const kept = run('Sub', [float(1), dropped], typed);
  const count = run('Sum', [kept, ints([0, 1, 2, 3])], {
    ...typed,
    Tidx: { type: 'int32' },
    keep_dims: { bool: false },
  });
  // Where nothing is kept the mask is 0, not 0/0.
  const atLeastOne = run('Maximum', [count, float(1)], typed);
  const total = scalar(examples * height * width * channels);
  const factor = run('RealDiv', [total, atLeastOne], typed);
  const mask = run('Mul', [kept, factor], typed);
  dispose(words, uniform, probability, starts, ones, around === ones ? null : around, dropped);
  dispose(kept, count, atLeastOne, total, factor);
  return mask;
};

const typed = { T: { type: 'float32' } } as const;
