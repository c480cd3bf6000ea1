import type { Tensor } from '../tensor.ts';

/** PyTorch's defaults, which torchvision's networks use. */
export const batchNormEpsilon = 1e-5;
export const batchNormMomentum = 0.1;

/** Scale, offset, running mean and running variance, each float32 [channels]. */
export interface BatchNormWeights {
  readonly scale: Tensor;
  readonly offset: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** What is done in the same pass over memory: y = relu(norm + shortcut), each where it is asked for. */
export interface BatchNormOptions {
  /** With the statistics of the batch; else with the running ones. */
  readonly training: boolean;
  readonly shortcut: Tensor | null;
  readonly relu: boolean;
  /** Of the ReLU: 0, or LeakyReLU's, which is not negative. */
  readonly slope?: number;
}

export interface BatchNormOutput {
  readonly y: Tensor;
  /** What the gradient needs of the forward pass. */
  readonly saved: readonly Tensor[];
  /** New running statistics, in training: 0.9 of the old plus 0.1 of the batch's, the variance divided by n - 1, as PyTorch's. */
  readonly statistics: { readonly mean: Tensor; readonly variance: Tensor } | null;
}

/** What the forward pass read and left. `y` is needed where there was a ReLU. */
export interface BatchNormTrace {
  readonly x: Tensor;
  readonly y: Tensor | null;
  readonly saved: readonly Tensor[];
}

export interface BatchNormGradients {
  readonly x: Tensor;
  readonly scale: Tensor;
  readonly offset: Tensor;
  /** Null without a shortcut. */
  readonly shortcut: Tensor | null;
}

/** Batch norm as each kind of kernels has it. */
export type BatchNorm = (x: Tensor, weights: BatchNormWeights, options: BatchNormOptions) => BatchNormOutput;

export type BatchNormGradient = (
  gradient: Tensor,
  trace: BatchNormTrace,
  weights: BatchNormWeights,
  options: Omit<BatchNormOptions, 'shortcut'> & { readonly shortcut: boolean },
) => BatchNormGradients;
