import { hasOwnKernels } from '../load.ts';
import type { BatchNorm, BatchNormGradient } from './batch-norm-contract.ts';
import { ownBatchNorm, ownBatchNormGradient } from './batch-norm-own.ts';
import { tensorFlowBatchNorm, tensorFlowBatchNormGradient } from './batch-norm-tensorflow.ts';

/** Batch norm over all axes but the last. Op: GcncBatchNorm, or FusedBatchNormV3, AddV2, Relu or LeakyRelu. */
export const batchNorm: BatchNorm = (x, weights, options) =>
  (hasOwnKernels() ? ownBatchNorm : tensorFlowBatchNorm)(x, weights, options);

/** Gradients of `batchNorm`. Op: GcncBatchNormGradient, or TensorFlow's (batch-norm-tensorflow.ts). */
export const batchNormGradient: BatchNormGradient = (gradient, trace, weights, options) =>
  (hasOwnKernels() ? ownBatchNormGradient : tensorFlowBatchNormGradient)(gradient, trace, weights, options);
