import { batchNormEpsilon } from '../backend/kernels/batch-norm-contract.ts';
import { InputError } from '../input-error.ts';
import type { StateDict } from '../models/weights.ts';

/**
 * Scale and running variance of each channel under our epsilon, for those under another: the same function. Where the variance would
 * be negative it is 0, and the scale makes up for it.
 */
export const underOurEpsilon = (scale: Float32Array, variance: Float32Array, epsilon: number) => {
  const moved = variance.map((value) => value + (epsilon - batchNormEpsilon));
  const isFolded = (channel: number): boolean => variance[channel]! >= 0 && moved[channel]! < 0;
  return {
    variance: moved.map((value, channel) => (isFolded(channel) ? 0 : value)),
    scale: scale.map((value, channel) =>
      isFolded(channel) ? value * Math.sqrt(batchNormEpsilon / (variance[channel]! + epsilon)) : value,
    ),
  };
};

/** Our batch norm adds 1e-5 to variances: weights that were trained with another epsilon, as the same function. */
export const withEpsilon = (weights: StateDict, epsilon: number | undefined, path: string): StateDict => {
  if (epsilon === undefined) return weights;
  if (![...weights.keys()].some((name) => name.endsWith('.running_var')))
    throw new InputError(
      `${path}: --batch-norm-epsilon ${epsilon}: the weights have no batch norm; leave it out`,
    );
  if (epsilon === batchNormEpsilon) return weights;
  const found = new Map(weights);
  for (const [name, { shape, values }] of weights) {
    if (!name.endsWith('.running_var')) continue;
    const scaleName = name.replace(/running_var$/, 'weight');
    const { scale, variance } = underOurEpsilon(weights.get(scaleName)!.values, values, epsilon);
    const channel = scale.findIndex((value) => !Number.isFinite(value));
    if (channel >= 0)
      throw new InputError(
        `${path}: an epsilon of ${epsilon} is too small for channel ${channel} of ${name}, ${values[channel]}; its scale would not be finite`,
      );
    found.set(name, { shape, values: variance });
    found.set(scaleName, { shape, values: scale });
  }
  return found;
};

/** The first convolution's filters for images of red, green and blue, of a network that was fed with blue, green and red. */
export const withColoursSwapped = (weights: StateDict, name: string, path: string): StateDict => {
  const { shape, values } = weights.get(name)!;
  const [out, channels, height, width] = shape as readonly [number, number, number, number];
  if (channels !== 3)
    throw new InputError(
      `${path}: --channel-order bgr is for 3 channels; its first convolution has ${channels}`,
    );
  const plane = height * width;
  const swapped = Float32Array.from(values);
  for (let filter = 0; filter < out; filter++)
    for (const [from, to] of [
      [0, 2],
      [2, 0],
    ] as const)
      swapped.set(
        values.subarray((filter * 3 + from) * plane, (filter * 3 + from + 1) * plane),
        (filter * 3 + to) * plane,
      );
  return new Map([...weights, [name, { shape, values: swapped }]]);
};
