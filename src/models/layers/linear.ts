import { addBias, biasGradient } from '../../backend/kernels/bias.ts';
import { matmul, reshape, transpose } from '../../backend/kernels/linear.ts';
import { cast, dispose, type Tensor } from '../../backend/tensor.ts';
import type { LayerOfKind, LinearLayer } from '../network.ts';
import type { BackwardPass, Operation } from './operation.ts';

/** x [n, in] times the transposed weights [out, in], in float32 whatever the convolutions' type. */
export const linearOperation: Operation<LinearLayer> = {
  keeps: () => ({ inputs: [0], output: false }),
  forward: ({ name }, [x], pass) => {
    const product = matmul(x!, pass.weight(`${name}.weight`), { transposeB: true });
    const output = addBias(product, pass.weight(`${name}.bias`));
    dispose(product);
    return { output };
  },
  backward: (layer, gradient, { inputs }, pass) => {
    if (pass.wantsWeights) pass.setGradient(`${layer.name}.bias`, biasGradient(gradient));
    return gradients(layer, gradient, inputs[0]!, pass);
  },
  tangent: ({ name }, [tangent], _primal, pass) =>
    matmul(tangent!, pass.weight(`${name}.weight`), { transposeB: true }),
  tangentBackward: (layer, gradient, [tangent], _primal, pass) => gradients(layer, gradient, tangent!, pass),
};

const gradients = (
  { name }: LinearLayer,
  gradient: Tensor,
  x: Tensor,
  pass: BackwardPass,
): (Tensor | null)[] => {
  if (pass.wantsWeights) pass.setGradient(`${name}.weight`, matmul(gradient, x, { transposeA: true }));
  return [pass.wantsInput ? matmul(gradient, pass.weight(`${name}.weight`)) : null];
};

/** [n, h, w, c] -> float32 [n, c h w], in PyTorch's order: channels first. */
const flatten = (x: Tensor): Tensor => {
  const [examples, height, width, channels] = x.shape as readonly [number, number, number, number];
  const wide = cast(x, 'float32');
  const ordered = height * width === 1 ? wide : transpose(wide, [0, 3, 1, 2]);
  const flat = reshape(ordered, [examples, channels * height * width]);
  dispose(wide, ordered === wide ? null : ordered);
  return flat;
};

const unflatten = (gradient: Tensor, shape: readonly number[], dtype: Tensor['dtype']): Tensor => {
  const [, height, width, channels] = shape as readonly [number, number, number, number];
  const channelsFirst = reshape(gradient, [gradient.shape[0]!, channels, height, width]);
  const ordered = transpose(channelsFirst, [0, 2, 3, 1]);
  const narrow = cast(ordered, dtype);
  dispose(channelsFirst, ordered);
  return narrow;
};

export const flattenOperation: Operation<LayerOfKind<'flatten'>> = {
  keeps: () => ({ inputs: [], output: false }),
  forward: (_layer, [x]) => ({ output: flatten(x!) }),
  backward: (_layer, gradient, { inputShapes, inputTypes }) => [
    unflatten(gradient, inputShapes[0]!, inputTypes[0]!),
  ],
  tangent: (_layer, [tangent]) => flatten(tangent!),
  tangentBackward: (_layer, gradient, [tangent]) => [unflatten(gradient, tangent!.shape, tangent!.dtype)],
};
