import { consumersOf } from './forward.ts';
import type { Layer, Network, Node, Shape } from './network.ts';

/** Layers that take the sum with a shortcut and the ReLU after them into their own pass over memory. */
type Head = Extract<Layer, { readonly kind: 'convolution' | 'batchNorm' }>;

const isHead = (layer: Layer): layer is Head => layer.kind === 'convolution' || layer.kind === 'batchNorm';

interface Chain {
  readonly head: number;
  /** The node whose output the head then computes. */
  readonly last: number;
  readonly shortcut: number | null;
  /** The ReLU's slope; null without one. */
  readonly slope: number | null;
}

/** The same function, with each `add` and `relu` that follows a convolution or a batch norm, and nothing else does, merged into it. */
export const fuseActivations = (network: Network): Network => {
  const chains = chainsOf(network);
  const endings = new Map(chains.map((chain) => [chain.last, chain]));
  const merged = new Set(chains.flatMap(({ head, last }) => betweenOf(network, head, last)));
  const nodes: Node[] = [];
  const shapes: Shape[] = [];
  const movedTo: number[] = [];
  const moved = (node: number): number => (node < 0 ? node : movedTo[node]!);
  for (const [index, node] of network.nodes.entries()) {
    movedTo.push(nodes.length);
    if (merged.has(index)) continue;
    const chain = endings.get(index);
    nodes.push(chain ? fused(network, chain, moved) : { layer: node.layer, inputs: node.inputs.map(moved) });
    shapes.push(network.shapes[index]!);
  }
  const outputs = Object.fromEntries(
    Object.entries(network.outputs).map(([name, node]) => [name, moved(node)]),
  );
  return { ...network, nodes, shapes, outputs };
};

const fused = ({ nodes }: Network, chain: Chain, moved: (node: number) => number): Node => {
  const { layer, inputs } = nodes[chain.head]!;
  const { shortcut, slope } = chain;
  const rectifies = slope === null ? { relu: false } : { relu: true, slope };
  const all = shortcut === null ? inputs : [...inputs, shortcut];
  return {
    layer: { ...(layer as Head), finish: { shortcut: shortcut !== null, ...rectifies } },
    inputs: all.map(moved),
  };
};

/** The head and what it takes in, without the last. */
const betweenOf = ({ nodes }: Network, head: number, last: number): number[] => {
  const between = [head];
  for (let index = head + 1; index < last; index++)
    if (nodes[index]!.layer.kind === 'add' && nodes[last]!.inputs.includes(index)) between.push(index);
  return between;
};

const slopeOf = ({ layer }: Node): number => (layer.kind === 'relu' && layer.slope) || 0;

const chainsOf = (network: Network): readonly Chain[] => {
  const consumers = consumersOf(network);
  const named = new Set(Object.values(network.outputs));
  const taken = new Set<number>();
  const nextOf = (node: number, kind: Layer['kind']): number | null => {
    const [next, ...others] = consumers[node]!;
    if (next === undefined || others.length > 0 || named.has(node) || taken.has(next)) return null;
    return network.nodes[next]!.layer.kind === kind ? next : null;
  };
  const chains: Chain[] = [];
  for (const [head, { layer }] of network.nodes.entries()) {
    if (!isHead(layer)) continue;
    const sum = nextOf(head, 'add');
    const shortcut = sum === null ? null : network.nodes[sum]!.inputs.find((input) => input !== head)!;
    const rectified = nextOf(sum ?? head, 'relu');
    const last = rectified ?? sum;
    if (last === null) continue;
    if (sum !== null) taken.add(sum);
    chains.push({
      head,
      last,
      shortcut,
      slope: rectified === null ? null : slopeOf(network.nodes[rectified]!),
    });
  }
  return chains;
};
