import { dispose, empty, execute, type Tensor } from '../tensor.ts';
import {
  type BatchNorm,
  type BatchNormGradient,
  batchNormEpsilon,
  batchNormMomentum,
} from './batch-norm-contract.ts';

/** Op: GcncBatchNorm. `saved`: the mean in use, and the inverse of the standard deviation. */
export const ownBatchNorm: BatchNorm = (
  x,
  { scale, offset, mean, variance },
  { training, shortcut, relu, slope = 0 },
) => {
  const [y, newMean, newVariance, ...saved] = execute(
    'GcncBatchNorm',
    [x, scale, offset, mean, variance, shortcut ?? empty(x.dtype)],
    {
      T: { type: x.dtype },
      training: { bool: training },
      relu: { bool: relu },
      slope: { float: slope },
      epsilon: { float: batchNormEpsilon },
      momentum: { float: batchNormMomentum },
    },
    5,
  ) as [Tensor, Tensor, Tensor, Tensor, Tensor];
  if (training) return { y, saved, statistics: { mean: newMean, variance: newVariance } };
  dispose(newMean, newVariance);
  return { y, saved, statistics: null };
};

/** Op: GcncBatchNormGradient. */
export const ownBatchNormGradient: BatchNormGradient = (
  gradient,
  { x, y, saved },
  { scale },
  { training, shortcut, relu, slope = 0 },
) => {
  const [dx, dScale, dOffset, dShortcut] = execute(
    'GcncBatchNormGradient',
    [gradient, x, y ?? empty(x.dtype), scale, ...saved],
    {
      T: { type: x.dtype },
      training: { bool: training },
      relu: { bool: relu },
      slope: { float: slope },
      shortcut: { bool: shortcut },
    },
    4,
  ) as [Tensor, Tensor, Tensor, Tensor];
  if (!shortcut) dispose(dShortcut);
  return { x: dx, scale: dScale, offset: dOffset, shortcut: shortcut ? dShortcut : null };
};
