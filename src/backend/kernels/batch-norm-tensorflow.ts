import { alias, dispose, execute, type Tensor } from '../tensor.ts';
import {
  type BatchNorm,
  type BatchNormGradient,
  batchNormEpsilon,
  batchNormMomentum,
} from './batch-norm-contract.ts';
import { add, maskByPositive, relu as rectify } from './pointwise.ts';

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

/** Ops: ReluGrad, FusedBatchNormGradV3. */
export const tensorFlowBatchNormGradient: BatchNormGradient = (
  gradient,
  { x, y, saved },
  { scale, mean, variance },
  { training, shortcut, relu, slope = 0 },
) => {
  const masked = relu ? maskByPositive(gradient, y!, slope) : gradient;
  const [dx, dScale, dOffset, ...rest] = execute(
    'FusedBatchNormGradV3',
    [masked, x, scale, ...(training ? saved : [mean, variance, variance])],
    attributes(x, training),
    5,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  dispose(...rest);
  const dShortcut = shortcut ? (relu ? masked : alias(masked)) : null;
  if (relu && !shortcut) dispose(masked);
  return { x: dx, scale: dScale, offset: dOffset, shortcut: dShortcut };
};
