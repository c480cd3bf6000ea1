import {
  addBias,
  biasGradient,
  convolution,
  convolutionFilterGradient,
  convolutionInputGradient,
} from '../../backend/kernels/convolution.ts';
import { dispose, type Tensor } from '../../backend/tensor.ts';
import type { ConvolutionLayer } from '../network.ts';
import type { BackwardPass, Operation } from './operation.ts';

export const convolutionOperation: Operation<ConvolutionLayer> = {
  keeps: { inputs: true, output: false },
  forward: ({ name, geometry, bias }, [x], pass) => {
    const y = convolution(x!, pass.weight(`${name}.weight`), geometry);
    if (!bias) return { output: y };
    const output = addBias(y, pass.weight(`${name}.bias`));
    dispose(y);
    return { output };
  },
  backward: (layer, gradient, { inputs, inputShapes }, pass) => {
    if (pass.wantsWeights && layer.bias) pass.setGradient(`${layer.name}.bias`, biasGradient(gradient));
    return gradients(layer, gradient, inputs[0]!, inputShapes[0]!, pass);
  },
  tangent: ({ name, geometry }, [tangent], _primal, pass) =>
    convolution(tangent!, pass.weight(`${name}.weight`), geometry),
  tangentBackward: (layer, gradient, [tangent], _primal, pass) =>
    gradients(layer, gradient, tangent!, tangent!.shape, pass),
};

const gradients = (
  { name, geometry }: ConvolutionLayer,
  gradient: Tensor,
  x: Tensor,
  shape: readonly number[],
  pass: BackwardPass,
): (Tensor | null)[] => {
  const filter = pass.weight(`${name}.weight`);
  if (pass.wantsWeights)
    pass.setGradient(`${name}.weight`, convolutionFilterGradient(x, gradient, filter.shape, geometry));
  return [pass.wantsInput ? convolutionInputGradient(gradient, filter, shape, geometry) : null];
};
