import { cast, dispose, float, fromArray, ints, run, type Tensor } from '../tensor.ts';

/**
 * A float32 mask of the shape: 0 with probability `share`, else 1 / (1 - share); a function of the two words of the seed.
 * Ops: StatelessRandomUniform, GreaterEqual, Cast, Mul.
 */
export const dropoutMask = (
  shape: readonly number[],
  share: number,
  seed: readonly [number, number],
): Tensor => {
  const words = fromArray(Int32Array.from(seed), [2]);
  const uniform = run('StatelessRandomUniform', [ints(shape), words], {
    dtype: { type: 'float32' },
    T: { type: 'int32' },
    Tseed: { type: 'int32' },
  });
  const kept = run('GreaterEqual', [uniform, float(share)], { T: { type: 'float32' } });
  const ones = cast(kept, 'float32');
  const mask = run('Mul', [ones, float(1 / (1 - share))], { T: { type: 'float32' } });
  dispose(words, uniform, kept, ones);
  return mask;
};
