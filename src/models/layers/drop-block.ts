import { dropBlockMask } from '../../backend/kernels/drop-block.ts';
import { multiply } from '../../backend/kernels/pointwise.ts';
import { alias, cast, dispose, type Tensor } from '../../backend/tensor.ts';
import type { DropBlockLayer } from '../network.ts';
import { maskSeed } from './mask-seed.ts';
import type { Operation } from './operation.ts';

/**
 * Probability that a block starts at a place where it fits, on a feature map of height x width, in the step (from 0): Ghiasi, Lin and Le
 * 2018 (arXiv 1810.12890), equation 1, whose share of values left out rises from 0 to `rate` over `rampSteps` steps, as in
 * WangYueFt/rfs, which counts steps from 1.
 */
export const blockStartProbability = (
  { rate, size, rampSteps }: DropBlockLayer,
  [height, width]: readonly [number, number],
  step: number,
): number => {
  const share = Math.min((rate * (step + 1)) / rampSteps, rate);
  const places = (height - size + 1) * (width - size + 1);
  return (share / size ** 2) * ((height * width) / places);
};

/** DropBlock in training, nothing else; its mask is a function of seed, step and layer. */
export const dropBlockOperation: Operation<DropBlockLayer> = {
  keeps: () => ({ inputs: [], output: false }),
  forward: (layer, [x], { training, seed }) => {
    if (!training) return { output: alias(x!) };
    const [, height, width] = x!.shape as readonly [number, number, number, number];
    const startProbability = blockStartProbability(layer, [height, width], seed[1]);
    const mask = dropBlockMask(x!.shape, { size: layer.size, startProbability }, maskSeed(seed, layer));
    return { output: masked(x!, mask), saved: [mask] };
  },
  backward: (_layer, gradient, { saved: [mask] }) => [mask ? masked(gradient, mask) : alias(gradient)],
  tangent: (_layer, [tangent]) => alias(tangent!),
  tangentBackward: (_layer, gradient) => [alias(gradient)],
};

/** x times a float32 mask, in x's type: in bfloat16 a mask's factor, such as 1/0.9, would itself be rounded. */
export const masked = (x: Tensor, mask: Tensor): Tensor => {
  if (x.dtype === 'float32') return multiply(x, mask);
  const wide = cast(x, 'float32');
  const product = multiply(wide, mask);
  const narrow = cast(product, x.dtype);
  dispose(wide, product);
  return narrow;
};
