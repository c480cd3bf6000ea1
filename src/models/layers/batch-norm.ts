import { batchNorm, batchNormGradient } from '../../backend/kernels/batch-norm.ts';
import type { BatchNormGradients, BatchNormWeights } from '../../backend/kernels/batch-norm-contract.ts';
import { tensorFlowBatchNormGradient } from '../../backend/kernels/batch-norm-tensorflow.ts';
import { maskByPositive } from '../../backend/kernels/pointwise.ts';
import { alias, dispose, type Tensor, zeros } from '../../backend/tensor.ts';
import type { BatchNormLayer, Finish } from '../network.ts';
import type { BackwardPass, Operation, Pass } from './operation.ts';

const plain: Finish = { shortcut: false, relu: false };

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
  keeps: ({ finish }) => ({ inputs: [0], output: finish?.relu ?? false }),
  forward: (layer, [x, shortcut = null], pass) => {
    const { relu, slope = 0 } = layer.finish ?? plain;
    const { y, saved, statistics } = batchNorm(x!, weightsOf(layer, pass), {
      training: pass.training,
      shortcut,
      relu,
      slope,
    });
    if (statistics) {
      pass.setStatistic(`${layer.name}.running_mean`, statistics.mean);
      pass.setStatistic(`${layer.name}.running_var`, statistics.variance);
    }
    return { output: y, saved };
  },
  backward: (layer, gradient, { inputs, output, saved }, pass) => {
    const { shortcut, relu, slope = 0 } = layer.finish ?? plain;
    if (!pass.training && !pass.wantsWeights) return scaled(layer, gradient, output, pass);
    const trace = { x: inputs[0]!, y: output, saved };
    const options = { training: pass.training, shortcut, relu, slope };
    const gradients = batchNormGradient(gradient, trace, weightsOf(layer, pass), options);
    return hand(layer, gradients, pass, true);
  },
  tangent: (layer, [tangent, shortcut = null], { output }, pass) => {
    const options = { training: false, shortcut, relu: false };
    const { y, saved } = batchNorm(tangent!, scalingOf(layer, pass), options);
    dispose(...saved);
    if (!layer.finish?.relu) return y;
    const masked = maskByPositive(y, output, layer.finish.slope);
    dispose(y);
    return masked;
  },
  tangentBackward: (layer, gradient, [tangent], { output }, pass) => {
    const { shortcut, relu, slope = 0 } = layer.finish ?? plain;
    const masked = relu ? maskByPositive(gradient, output, slope) : alias(gradient);
    const trace = { x: tangent!, y: null, saved: [] };
    const options = { training: false, shortcut, relu: false };
    const gradients = tensorFlowBatchNormGradient(masked, trace, scalingOf(layer, pass), options);
    dispose(masked);
    return hand(layer, gradients, pass, false);
  },
};

/** In inference mode the layer's own Jacobian is a scaling: the gradient may be of several outputs at once, and x is not read. */
const scaled = (
  layer: BatchNormLayer,
  gradient: Tensor,
  output: Tensor | null,
  pass: BackwardPass,
): (Tensor | null)[] => {
  const { shortcut, relu, slope = 0 } = layer.finish ?? plain;
  const masked = relu ? maskByPositive(gradient, output!, slope) : alias(gradient);
  const options = { training: false, shortcut: null, relu: false };
  const { y, saved } = batchNorm(masked, scalingOf(layer, pass), options);
  dispose(...saved);
  const dx = pass.wantsInput ? y : null;
  if (dx === null) dispose(y);
  if (shortcut) return [dx, masked];
  dispose(masked);
  return [dx];
};

const hand = (
  { name }: BatchNormLayer,
  { x, scale, offset, shortcut }: BatchNormGradients,
  pass: BackwardPass,
  withOffset: boolean,
): (Tensor | null)[] => {
  if (pass.wantsWeights) pass.setGradient(`${name}.weight`, scale);
  else dispose(scale);
  if (pass.wantsWeights && withOffset) pass.setGradient(`${name}.bias`, offset);
  else dispose(offset);
  const others = shortcut ? [shortcut] : [];
  if (pass.wantsInput) return [x, ...others];
  dispose(x);
  return [null, ...others];
};
