import { batchNormEpsilon } from '../backend/kernels/batch-norm-contract.ts';
import type { ConvolutionLayer, Network, Node, Shape } from './network.ts';
import type { StateDict } from './weights.ts';

/**
 * The same function of the image in inference mode, each batch norm multiplied into the convolution before it that it alone reads:
 * w' = w s and b' = offset + (b - mean) s with s = scale / sqrt(variance + epsilon), in float64.
 */
export const foldBatchNorm = (
  network: Network,
  state: StateDict,
): { readonly network: Network; readonly state: StateDict } => {
  const folded = new Map(state);
  const nodes: Node[] = [];
  const shapes: Shape[] = [];
  /** Where each old node's output is now. */
  const movedTo: number[] = [];
  for (const [index, { layer, inputs }] of network.nodes.entries()) {
    const moved = inputs.map((input) => (input < 0 ? input : movedTo[input]!));
    const at = moved[0] ?? -1;
    const convolution = nodes[at]?.layer;
    if (
      layer.kind === 'batchNorm' &&
      convolution?.kind === 'convolution' &&
      isOnlyRead(network, inputs[0]!)
    ) {
      foldInto(folded, convolution, layer.name);
      nodes[at] = { ...nodes[at]!, layer: { ...convolution, bias: true } };
      movedTo.push(at);
    } else {
      movedTo.push(nodes.push({ layer, inputs: moved }) - 1);
      shapes.push(network.shapes[index]!);
    }
  }
  const outputs = Object.fromEntries(
    Object.entries(network.outputs).map(([name, node]) => [name, movedTo[node]!]),
  );
  return { network: { ...network, nodes, shapes, outputs }, state: folded };
};

/** Whether one node alone reads a node, and no output of the network is it. */
const isOnlyRead = ({ nodes, outputs }: Network, node: number): boolean =>
  !Object.values(outputs).includes(node) &&
  nodes.flatMap(({ inputs }) => inputs).filter((input) => input === node).length === 1;

const foldInto = (
  state: Map<string, { readonly shape: readonly number[]; readonly values: Float32Array }>,
  { name, outChannels }: ConvolutionLayer,
  norm: string,
): void => {
  const values = (weight: string): Float32Array | undefined => state.get(weight)?.values;
  const scale = values(`${norm}.weight`)!;
  const offset = values(`${norm}.bias`)!;
  const mean = values(`${norm}.running_mean`)!;
  const variance = values(`${norm}.running_var`)!;
  const old = state.get(`${name}.weight`)!;
  const oldBias = values(`${name}.bias`);
  const perChannel = old.values.length / outChannels;
  const filter = new Float32Array(old.values.length);
  const bias = new Float32Array(outChannels);
  for (let channel = 0; channel < outChannels; channel++) {
    const factor = scale[channel]! / Math.sqrt(variance[channel]! + batchNormEpsilon);
    bias[channel] = offset[channel]! + ((oldBias?.[channel] ?? 0) - mean[channel]!) * factor;
    for (let i = channel * perChannel; i < (channel + 1) * perChannel; i++)
      filter[i] = old.values[i]! * factor;
  }
  state.set(`${name}.weight`, { shape: old.shape, values: filter });
  state.set(`${name}.bias`, { shape: [outChannels], values: bias });
  for (const part of ['weight', 'bias', 'running_mean', 'running_var']) state.delete(`${norm}.${part}`);
};
