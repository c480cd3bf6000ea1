import { cast, dispose, fromArray, readFloats, sizeOf, type Tensor } from '../../src/backend/tensor.ts';
import { uniform } from '../models/formula.ts';

export type Precision = 'float32' | 'bfloat16';

/** A tensor of host values, rounded to the type. */
export const tensorOf = (values: Float32Array, shape: readonly number[], dtype: Tensor['dtype']): Tensor => {
  const wide = fromArray(values, shape);
  const narrow = cast(wide, dtype);
  dispose(wide);
  return narrow;
};

const period = 99_991;

/** Values in [-1, 1) that are a function of the name; large tensors repeat them with a prime period. */
export const made = (name: string, shape: readonly number[], precision: Precision): Tensor => {
  const values = new Float32Array(sizeOf(shape));
  const once = uniform(name, Math.min(values.length, period));
  for (let at = 0; at < values.length; at += period) values.set(once.subarray(0, values.length - at), at);
  return tensorOf(values, shape, precision);
};

/** The tensor's values, which outlive it. */
export const floats = (tensor: Tensor): Float32Array => readFloats(tensor).slice();
