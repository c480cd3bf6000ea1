import { batchNormEpsilon } from '../backend/kernels/batch-norm-contract.ts';
import { InputError } from '../input-error.ts';
import type { StateDict } from '../models/weights.ts';

/** Our batch norm adds 1e-5 to variances: the difference to another epsilon goes into the running variances, exactly. */
export const withEpsilon = (
  weights: StateDict,
  epsilon: number = batchNormEpsilon,
  path: string,
): StateDict =>
  new Map(
    [...weights].map(([name, { shape, values }]) => {
      if (!name.endsWith('.running_var') || epsilon === batchNormEpsilon) return [name, { shape, values }];
      const moved = values.map((value) => value + (epsilon - batchNormEpsilon));
      if (moved.some((value) => value + batchNormEpsilon <= 0))
        throw new InputError(
          `${path}: ${name} and an epsilon of ${epsilon} leave a variance that is not positive`,
        );
      return [name, { shape, values: moved }];
    }),
  );

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
