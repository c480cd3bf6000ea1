import { dispose, type Tensor } from '../backend/tensor.ts';
import { type BackwardOptions, reached, sum } from './backward.ts';
import { consumersOf } from './forward.ts';
import { type Pass, unfinished } from './layers/operation.ts';
import { operationOf } from './layers/table.ts';
import type { Network } from './network.ts';

/**
 * Jacobian-vector product: the output `to` and its directional derivative along `direction`, both of the images' shape. A
 * second stream through the same layers, masked by the first: nothing is stored but what is being read. Inference mode only.
 * With a `tangentPass` of another precision the direction is of its type, and so is the tangents' stream.
 */
export const forwardWithTangent = (
  network: Network,
  image: Tensor,
  direction: Tensor,
  pass: Pass,
  to: string,
  tangentPass: Pass = pass,
): { readonly output: Tensor; readonly tangent: Tensor } => {
  const streams = dualStreams(network, image, direction, pass, to, false, tangentPass);
  return { output: streams.values[streams.last]!, tangent: streams.tangents[streams.last]! };
};

interface Streams {
  readonly values: (Tensor | null)[];
  readonly tangents: (Tensor | null)[];
  readonly last: number;
}

const dualStreams = (
  network: Network,
  image: Tensor,
  direction: Tensor,
  pass: Pass,
  to: string,
  keepAll: boolean,
  tangentPass: Pass = pass,
): Streams => {
  if (pass.training) throw new Error('tangents are defined in inference mode');
  const last = network.outputs[to]!;
  const lastReader = consumersOf(network).map((readers) => readers.at(-1) ?? -1);
  const values: (Tensor | null)[] = [];
  const tangents: (Tensor | null)[] = [];
  for (let index = 0; index <= last; index++) {
    const { layer, inputs } = network.nodes[index]!;
    const operation = operationOf(layer);
    const given = inputs.map((input) => (input < 0 ? image : values[input]!));
    const along = inputs.map((input) => (input < 0 ? direction : tangents[input]!));
    const { output, saved = [] } = operation.forward(layer, given, pass);
    dispose(...saved);
    tangents.push(operation.tangent(layer, along, { inputs: given, output }, tangentPass));
    values.push(output);
    if (keepAll) continue;
    for (const input of new Set(inputs))
      if (input >= 0 && lastReader[input] === index) {
        dispose(values[input], tangents[input]);
        values[input] = null;
        tangents[input] = null;
      }
  }
  return { values, tangents, last };
};

/**
 * Gradient, with respect to the weights, of a function of the tangent of output `to`: `gradientOf` gets the tangent
 * and returns the function's gradient with respect to it. Between the kinks of ReLU and max-pool the output is linear in the image, so that
 * second derivatives reach the weights through the tangents' stream alone (forward over reverse is not needed).
 */
export const tangentGradient = (
  network: Network,
  image: Tensor,
  direction: Tensor,
  pass: Pass,
  to: string,
  gradientOf: (tangent: Tensor) => Tensor,
  options: Pick<BackwardOptions, 'trains' | 'setGradient'>,
): void => {
  const { values, tangents, last } = dualStreams(network, image, direction, pass, to, true);
  const needs = reached(network, { ...options, wantsImage: false });
  const gradients: (Tensor | null)[] = network.nodes.map(() => null);
  gradients[last] = gradientOf(tangents[last]!);
  for (let index = last; index >= 0; index--) {
    const { layer, inputs } = network.nodes[index]!;
    const incoming = gradients[index];
    if (incoming && needs[index]) {
      const made = operationOf(layer).tangentBackward(
        layer,
        incoming,
        inputs.map((input) => (input < 0 ? direction : tangents[input]!)),
        {
          inputs: inputs.map((input) => (input < 0 ? image : values[input]!)),
          output: values[index]!,
        },
        {
          ...pass,
          wantsInput: inputs.some((input) => input >= 0 && needs[input]!),
          wantsWeights: options.trains(layer),
          setGradient: options.setGradient,
          isMasked: false,
          finishing: unfinished,
        },
      );
      for (const [position, input] of inputs.entries())
        if (input >= 0 && needs[input]) gradients[input] = sum(gradients[input]!, made[position]!);
        else dispose(made[position]);
    }
    dispose(incoming, values[index], tangents[index]);
  }
};
