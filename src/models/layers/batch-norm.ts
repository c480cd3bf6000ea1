import {
  type BatchNormGradients,
  type BatchNormSaved,
  type BatchNormWeights,
  batchNormInference,
  batchNormInferenceGradient,
  batchNormTraining,
  batchNormTrainingGradient,
} from '../../backend/kernels/batch-norm.ts';
import { dispose, type Tensor, zeros } from '../../backend/tensor.ts';
import type { BatchNormLayer } from '../network.ts';
import type { BackwardPass, Operation, Pass } from './operation.ts';

const weightsOf = ({ name }: BatchNormLayer, pass: Pass): BatchNormWeights => ({
  scale: pass.weight(`${name}.weight`),
  offset: pass.weight(`${name}.bias`),
  mean: pass.weight(`${name}.running_mean`),
  variance: pass.weight(`${name}.running_var`),
});

/** Along a tangent, batch norm with running statistics only scales: neither offset nor mean. */
const scalingOf = (layer: BatchNormLayer, pass: Pass): BatchNormWeights => {
  const zero = zeros(layer.channels);
  return { ...weightsOf(layer, pass), offset: zero, mean: zero };
};

export const batchNormOperation: Operation<BatchNormLayer> = {
  keeps: { inputs: true, output: false },
  forward: (layer, [x], pass) => {
    const weights = weightsOf(layer, pass);
    if (!pass.training) return { output: batchNormInference(x!, weights) };
    const { y, mean, variance, saved } = batchNormTraining(x!, weights);
    pass.setStatistic(`${layer.name}.running_mean`, mean);
    pass.setStatistic(`${layer.name}.running_var`, variance);
    return { output: y, saved };
  },
  backward: (layer, gradient, { inputs, saved }, pass) => {
    const weights = weightsOf(layer, pass);
    const gradients = pass.training
      ? batchNormTrainingGradient(gradient, inputs[0]!, weights.scale, saved as unknown as BatchNormSaved)
      : batchNormInferenceGradient(gradient, inputs[0]!, weights);
    return [hand(layer, gradients, pass, true)];
  },
  tangent: (layer, [tangent], _primal, pass) => batchNormInference(tangent!, scalingOf(layer, pass)),
  tangentBackward: (layer, gradient, [tangent], _primal, pass) => [
    hand(layer, batchNormInferenceGradient(gradient, tangent!, scalingOf(layer, pass)), pass, false),
  ],
};

const hand = (
  { name }: BatchNormLayer,
  { x, scale, offset }: BatchNormGradients,
  pass: BackwardPass,
  withOffset: boolean,
): Tensor | null => {
  if (pass.wantsWeights) pass.setGradient(`${name}.weight`, scale);
  else dispose(scale);
  if (pass.wantsWeights && withOffset) pass.setGradient(`${name}.bias`, offset);
  else dispose(offset);
  if (pass.wantsInput) return x;
  dispose(x);
  return null;
};
