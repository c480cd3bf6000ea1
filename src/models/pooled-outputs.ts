import { InputError } from '../input-error.ts';
import type { InferenceModel } from './inference-model.ts';
import { type Network, requireOutput } from './network.ts';

/** How a named output becomes one vector per example: a feature map by the mean over its positions, a vector as it is. */
export const poolings = ['average', 'none'] as const;
export type Pooling = (typeof poolings)[number];

export const poolingOf = ({ shapes, outputs }: Network, name: string): Pooling =>
  shapes[outputs[name]!]!.length === 3 ? 'average' : 'none';

/** What comes of a pooling that is asked for. Throws InputError for an output that the network lacks, and for a vector: it has nothing to pool. */
export const poolingFor = (network: Network, name: string, asked: Pooling = 'none'): Pooling => {
  requireOutput(network, name);
  if (asked === 'none' || poolingOf(network, name) === 'average') return asked;
  const maps = Object.keys(network.outputs).filter((each) => poolingOf(network, each) === 'average');
  const allowed = maps.length === 0 ? 'this network names none' : `allowed are ${maps.join(', ')}`;
  throw new InputError(
    `--pooling ${asked}: does nothing with --layer ${name}, a vector; it is of feature maps: ${allowed}`,
  );
};

/**
 * The network whose named outputs are vectors: behind each of them that is a feature map [h, w, c] stands its mean over positions, [c].
 * Outputs that are not named stay as they are.
 */
export const withPooledOutputs = (network: Network, names: readonly string[]): Network => {
  const pooled = new Set(
    names.filter((name) => poolingOf(network, name) === 'average').map((name) => network.outputs[name]!),
  );
  if (pooled.size === 0) return network;
  const before = (node: number): number => [...pooled].filter((each) => each < node).length;
  const moved = (node: number): number => (node < 0 ? node : node + before(node));
  const nodes: Network['nodes'][number][] = [];
  const shapes: Network['shapes'][number][] = [];
  for (const [at, { layer, inputs }] of network.nodes.entries()) {
    nodes.push({ layer, inputs: inputs.map(moved) });
    shapes.push(network.shapes[at]!);
    if (!pooled.has(at)) continue;
    nodes.push({ layer: { kind: 'globalAveragePool' }, inputs: [moved(at)] });
    shapes.push(network.shapes[at]!.slice(-1));
  }
  const outputs = Object.entries(network.outputs).map(([name, node]) => [
    name,
    moved(node) + (names.includes(name) && pooled.has(node) ? 1 : 0),
  ]);
  return { ...network, nodes, shapes, outputs: Object.fromEntries(outputs) };
};

/** The same of a model on the device, which stays the owner of its weights. */
export const pooledModel = (model: InferenceModel, names: readonly string[]): InferenceModel => ({
  ...model,
  network: withPooledOutputs(model.network, names),
  primal: { ...model.primal, network: withPooledOutputs(model.primal.network, names) },
});
