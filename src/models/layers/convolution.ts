import { biasGradient } from '../../backend/kernels/bias.ts';
import {
  convolution,
  convolutionFilterGradient,
  convolutionInputGradient,
} from '../../backend/kernels/convolution.ts';
import { maskByPositive } from '../../backend/kernels/pointwise.ts';
import { alias, dispose, type Tensor } from '../../backend/tensor.ts';
import type { ConvolutionLayer } from '../network.ts';
import { type BackwardPass, type Operation, unfinished } from './operation.ts';

export const convolutionOperation: Operation<ConvolutionLayer> = {
  keeps: ({ finish }) => ({ inputs: [0], output: finish?.relu ?? false }),
  finishesInput: true,
  forward: ({ name, geometry, bias, finish }, [x, shortcut], pass) => ({
    output: convolution(x!, pass.weight(`${name}.weight`), geometry, {
      ...(bias ? { bias: pass.weight(`${name}.bias`) } : {}),
      ...(shortcut ? { addend: shortcut } : {}),
      relu: finish?.relu ?? false,
      slope: finish?.slope ?? 0,
    }),
  }),
  backward: (layer, gradient, { inputs, output, inputShapes }, pass) => {
    const needsMask = layer.finish?.relu && !pass.isMasked;
    const masked = needsMask ? maskByPositive(gradient, output!, layer.finish?.slope) : alias(gradient);
    if (pass.wantsWeights && layer.bias) pass.setGradient(`${layer.name}.bias`, biasGradient(masked));
    return gradients(layer, masked, inputs[0]!, inputShapes[0]!, pass);
  },
  tangent: ({ name, geometry, finish }, [tangent, shortcut], { output }, pass) =>
    convolution(tangent!, pass.weight(`${name}.weight`), geometry, {
      ...(shortcut ? { addend: shortcut } : {}),
      ...(finish?.relu ? { mask: output, slope: finish.slope ?? 0 } : {}),
    }),
  tangentBackward: (layer, gradient, [tangent], { output }, pass) => {
    const masked = layer.finish?.relu
      ? maskByPositive(gradient, output, layer.finish.slope)
      : alias(gradient);
    return gradients(layer, masked, tangent!, tangent!.shape, { ...pass, finishing: unfinished });
  },
};

/** Takes over the masked gradient, which is the shortcut's too. */
const gradients = (
  { name, geometry, finish }: ConvolutionLayer,
  masked: Tensor,
  x: Tensor,
  shape: readonly number[],
  pass: BackwardPass,
): (Tensor | null)[] => {
  const filter = pass.weight(`${name}.weight`);
  if (pass.wantsWeights)
    pass.setGradient(`${name}.weight`, convolutionFilterGradient(x, masked, filter.shape, geometry));
  const { addend, mask, slope } = pass.finishing;
  const dx = pass.wantsInput
    ? convolutionInputGradient(masked, filter, [masked.shape[0]!, ...shape.slice(1)], geometry, {
        ...(addend ? { addend } : {}),
        ...(mask ? { mask, slope } : {}),
      })
    : null;
  if (finish?.shortcut) return [dx, masked];
  dispose(masked);
  return [dx];
};
