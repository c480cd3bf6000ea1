import type { Network } from '../models/network.ts';

const bytes = 384 * 2 ** 20;

/**
 * Examples a batch, so that the activations of a pass, with their gradients, stay within some hundred megabytes whatever
 * the images' size. Results do not depend on it.
 */
export const inferenceBatchSize = (network: Network): number => {
  const values = network.shapes.reduce(
    (sum, shape) => sum + shape.reduce((product, side) => product * side, 1),
    0,
  );
  return Math.max(1, Math.min(64, Math.floor(bytes / (2 * 4 * values))));
};
