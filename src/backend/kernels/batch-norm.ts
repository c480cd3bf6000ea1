import { dispose, execute, type Tensor } from '../tensor.ts';

/** PyTorch's defaults, which torchvision's networks use. */
export const batchNormEpsilon = 1e-5;
const momentum = 0.1;

/** Scale, offset, running mean and running variance, each float32 [channels]. */
export interface BatchNormWeights {
  readonly scale: Tensor;
  readonly offset: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
}

/** What the gradient needs of the forward pass. */
export type BatchNormSaved = readonly [Tensor, Tensor, Tensor];

const attributes = (x: Tensor, training: boolean) => ({
  T: { type: x.dtype },
  U: { type: 'float32' as const },
  epsilon: { float: batchNormEpsilon },
  data_format: { string: 'NHWC' },
  is_training: { bool: training },
});

/**
 * Batch norm over all axes but the last, with the statistics of the batch. The new running statistics are as PyTorch's: 0.9
 * of the old plus 0.1 of the batch's, the variance divided by n - 1. Op: FusedBatchNormV3.
 */
export const batchNormTraining = (
  x: Tensor,
  { scale, offset, mean, variance }: BatchNormWeights,
): {
  readonly y: Tensor;
  readonly saved: BatchNormSaved;
  readonly mean: Tensor;
  readonly variance: Tensor;
} => {
  const [y, newMean, newVariance, ...saved] = execute(
    'FusedBatchNormV3',
    [x, scale, offset, mean, variance],
    { ...attributes(x, true), exponential_avg_factor: { float: momentum } },
    6,
  );
  return {
    y: y!,
    mean: newMean!,
    variance: newVariance!,
    saved: saved as unknown as BatchNormSaved,
  };
};

/** Batch norm with the running statistics, as in inference. Op: FusedBatchNormV3. */
export const batchNormInference = (
  x: Tensor,
  { scale, offset, mean, variance }: BatchNormWeights,
): Tensor => {
  const [y, ...rest] = execute(
    'FusedBatchNormV3',
    [x, scale, offset, mean, variance],
    { ...attributes(x, false), exponential_avg_factor: { float: 1 } },
    6,
  );
  dispose(...rest);
  return y!;
};

export interface BatchNormGradients {
  readonly x: Tensor;
  readonly scale: Tensor;
  readonly offset: Tensor;
}

/** Gradients of `batchNormTraining`. Op: FusedBatchNormGradV3. */
export const batchNormTrainingGradient = (
  gradient: Tensor,
  x: Tensor,
  scale: Tensor,
  saved: BatchNormSaved,
): BatchNormGradients => gradientWith(gradient, x, scale, saved, true);

/** Gradients of `batchNormInference`: the statistics are constants. Op: FusedBatchNormGradV3. */
export const batchNormInferenceGradient = (
  gradient: Tensor,
  x: Tensor,
  { scale, mean, variance }: BatchNormWeights,
): BatchNormGradients => gradientWith(gradient, x, scale, [mean, variance, variance], false);

const gradientWith = (
  gradient: Tensor,
  x: Tensor,
  scale: Tensor,
  saved: BatchNormSaved,
  training: boolean,
): BatchNormGradients => {
  const [dx, dScale, dOffset, ...rest] = execute(
    'FusedBatchNormGradV3',
    [gradient, x, scale, ...saved],
    attributes(x, training),
    5,
  );
  dispose(...rest);
  return { x: dx!, scale: dScale!, offset: dOffset! };
};
