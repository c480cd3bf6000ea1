import { multiply } from '../backend/kernels/pointwise.ts';
import { cast, dispose, fromArray, scalar, sizeOf, type Tensor } from '../backend/tensor.ts';
import type { BackwardOptions } from '../models/backward.ts';
import type { Pass } from '../models/layers/operation.ts';
import type { Network } from '../models/network.ts';
import { tangentGradient } from '../models/tangent.ts';
import { rademacher } from '../random/random.ts';
import type { StepOptions } from './step-options.ts';

/**
 * Adds the gradient of `gcPenalty` times the embedding's geometric complexity, estimated over the batch as the
 * mean of ||J u||^2 with u Rademacher in the space of the (augmented, normalised) images, one probe per example. Batch norm
 * stands with its running statistics, this batch's already in them, as in every measure; they are constants here.
 */
export const addPenaltyGradient = (
  network: Network,
  image: Tensor,
  pass: Pass,
  { training, trains, seed, step }: Pick<StepOptions, 'training' | 'trains' | 'seed' | 'step'>,
  setGradient: (name: string, gradient: Tensor) => void,
): void => {
  const signs = fromArray(rademacher(sizeOf(image.shape), seed, step), image.shape);
  const direction = cast(signs, image.dtype);
  dispose(signs);
  const inference = { ...pass, training: false };
  addGradientAlong(network, image, direction, inference, training.gcPenalty, {
    trains,
    setGradient,
  });
  dispose(direction);
};

/** Adds the gradient of `factor` times the mean over examples of ||J u||^2, u being `direction`. */
export const addGradientAlong = (
  network: Network,
  image: Tensor,
  direction: Tensor,
  pass: Pass,
  factor: number,
  options: Pick<BackwardOptions, 'trains' | 'setGradient'>,
): void => {
  const weight = scalar((2 * factor) / image.shape[0]!);
  const gradientOf = (tangent: Tensor): Tensor => multiply(tangent, weight);
  tangentGradient(network, image, direction, pass, 'embedding', gradientOf, options);
  dispose(weight);
};
