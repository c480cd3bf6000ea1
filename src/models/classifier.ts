import type { Network } from './network.ts';
import type { StateDict } from './weights.ts';

/** Weights [classes, features] and biases of a network's last layer. */
export const classifierOf = (
  network: Network,
  weights: StateDict,
): { readonly values: Float32Array; readonly bias: Float32Array } => {
  const name = classifierName(network);
  return { values: weights.get(`${name}.weight`)!.values, bias: weights.get(`${name}.bias`)!.values };
};

/** Name of the linear layer that reads an output of a network; null where none does. */
export const readerOf = ({ nodes, outputs }: Network, output: string): string | null => {
  const at = outputs[output];
  const reader = nodes.find(({ layer, inputs }) => layer.kind === 'linear' && inputs[0] === at);
  return reader?.layer.kind === 'linear' ? reader.layer.name : null;
};

/** Whether an output that a linear layer reads is itself a hidden layer's. */
export const isHidden = (network: Network, output: string): boolean =>
  readerOf(network, output) !== null &&
  network.outputs[output]! > (network.outputs.flatten ?? Number.POSITIVE_INFINITY);

/** Name of the layer that makes the logits. */
export const classifierName = (network: Network): string => {
  const { layer } = network.nodes[network.outputs.logits!]!;
  if (layer.kind !== 'linear') throw new Error('the last layer is not linear');
  return layer.name;
};
