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

/** Name of the layer that makes the logits. */
export const classifierName = (network: Network): string => {
  const { layer } = network.nodes[network.outputs.logits!]!;
  if (layer.kind !== 'linear') throw new Error('the last layer is not linear');
  return layer.name;
};
