import { alias, cast, dispose, execute, float, run, type Tensor } from '../tensor.ts';
import {
  type BatchNorm,
  type BatchNormGradient,
  type BatchNormGradients,
  type BatchNormWeights,
  batchNormEpsilon,
  batchNormMomentum,
} from './batch-norm-contract.ts';
import { biasGradient } from './bias.ts';
import { add, maskByPositive, multiply, relu as rectify } from './pointwise.ts';

const attributes = (x: Tensor, training: boolean) => ({
  T: { type: x.dtype },
  U: { type: 'float32' as const },
  epsilon: { float: batchNormEpsilon },
  data_format: { string: 'NHWC' },
  is_training: { bool: training },
});

/** Ops: FusedBatchNormV3, AddV2, Relu. `saved`: the op's reserved outputs, in training. */
export const tensorFlowBatchNorm: BatchNorm = (
  x,
  { scale, offset, mean, variance },
  { training, shortcut, relu, slope = 0 },
) => {
  const [normalized, newMean, newVariance, ...saved] = execute(
    'FusedBatchNormV3',
    [x, scale, offset, mean, variance],
    { ...attributes(x, training), exponential_avg_factor: { float: training ? batchNormMomentum : 1 } },
    6,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor];
  const y = finished(normalized, shortcut, relu, slope);
  if (training) return { y, saved, statistics: { mean: newMean, variance: newVariance } };
  dispose(newMean, newVariance, ...saved);
  return { y, saved: [], statistics: null };
};

/** Takes over `normalized`. */
const finished = (normalized: Tensor, shortcut: Tensor | null, relu: boolean, slope: number): Tensor => {
  const sum = shortcut ? add(normalized, shortcut) : normalized;
  const y = relu ? rectify(sum, slope) : sum;
  if (sum !== normalized) dispose(normalized);
  if (y !== sum) dispose(sum);
  return y;
};

/** Ops: ReluGrad, and FusedBatchNormGradV3 with the batch's statistics, else those of `gradientWithRunningStatistics`. */
export const tensorFlowBatchNormGradient: BatchNormGradient = (
  gradient,
  { x, y, saved },
  weights,
  { training, shortcut, relu, slope = 0 },
) => {
  const masked = relu ? maskByPositive(gradient, y!, slope) : gradient;
  const ofNorm = training
    ? gradientWithBatchStatistics(masked, x, weights.scale, saved)
    : gradientWithRunningStatistics(masked, x, weights);
  const dShortcut = shortcut ? (relu ? masked : alias(masked)) : null;
  if (relu && !shortcut) dispose(masked);
  return { ...ofNorm, shortcut: dShortcut };
};

type OfNorm = Omit<BatchNormGradients, 'shortcut'>;

const gradientWithBatchStatistics = (
  gradient: Tensor,
  x: Tensor,
  scale: Tensor,
  saved: readonly Tensor[],
): OfNorm => {
  const [dx, dScale, dOffset, ...rest] = execute(
    'FusedBatchNormGradV3',
    [gradient, x, scale, ...saved],
    attributes(x, true),
    5,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  dispose(...rest);
  return { x: dx, scale: dScale, offset: dOffset };
};

/** On a GPU TensorFlow has no deterministic op for this. Ops: Cast, AddV2, Rsqrt, Mul, Sub, BiasAddGrad; in float32. */
const gradientWithRunningStatistics = (
  gradient: Tensor,
  x: Tensor,
  { scale, mean, variance }: BatchNormWeights,
): OfNorm => {
  const float32 = { T: { type: 'float32' as const } };
  const [wide, wideX] = [cast(gradient, 'float32'), cast(x, 'float32')];
  const shifted = add(variance, float(batchNormEpsilon));
  const inverse = run('Rsqrt', [shifted], float32);
  const factor = multiply(scale, inverse);
  const product = multiply(wide, factor);
  const centred = run('Sub', [wideX, mean], float32);
  const normalized = multiply(centred, inverse);
  const weighted = multiply(wide, normalized);
  const found = {
    x: cast(product, x.dtype),
    scale: biasGradient(weighted),
    offset: biasGradient(wide),
  };
  dispose(wide, wideX, shifted, inverse, factor, product, centred, normalized, weighted);
  return found;
};
