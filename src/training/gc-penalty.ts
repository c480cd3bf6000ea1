import { multiply } from '../backend/kernels/pointwise.ts';
import { cast, dispose, fromArray, readFloats, scalar, type Tensor } from '../backend/tensor.ts';
import { rademacher } from '../data/random.ts';
import type { Pass } from '../models/layers/operation.ts';
import type { Network } from '../models/network.ts';
import { tangentGradient } from '../models/tangent.ts';
import type { StepOptions } from './train-step.ts';

const size = (shape: readonly number[]): number => shape.reduce((product, side) => product * side, 1);

/**
 * Adds the gradient of `gcPenalty` times the embedding's geometric complexity, and returns its estimate over the batch: the
 * mean of ||J u||^2 with u Rademacher in the space of the (augmented, normalised) images, one probe an example. Batch norm
 * stands with its running statistics, this batch's already in them, as in every measure; they are constants here.
 */
export const addPenaltyGradient = (
  network: Network,
  image: Tensor,
  pass: Pass,
  { training, trains, seed, step }: Pick<StepOptions, 'training' | 'trains' | 'seed' | 'step'>,
  setGradient: (name: string, gradient: Tensor) => void,
): number => {
  const signs = fromArray(rademacher(size(image.shape), seed, step), image.shape);
  const direction = cast(signs, image.dtype);
  dispose(signs);
  const examples = image.shape[0]!;
  const weight = scalar((2 * training.gcPenalty) / examples);
  let complexity = 0;
  const gradientOf = (tangent: Tensor): Tensor => {
    for (const value of readFloats(tangent)) complexity += value * value;
    complexity /= examples;
    return multiply(tangent, weight);
  };
  const inference = { ...pass, training: false };
  tangentGradient(network, image, direction, inference, 'embedding', gradientOf, { trains, setGradient });
  dispose(direction, weight);
  return complexity;
};
