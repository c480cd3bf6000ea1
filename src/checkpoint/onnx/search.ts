import type { OnnxGraph, OnnxNode } from '../../formats/onnx.ts';
import { float32Tensor, type StoredTensor } from '../../formats/safetensors.ts';
import type { Network } from '../../models/network.ts';
import { type Reader, type Seen, spatialPads } from './values.ts';

/** What the layers of one network are looked for in. */
export interface Search {
  readonly graph: OnnxGraph;
  readonly readers: ReadonlyMap<string, readonly Reader[]>;
  readonly network: Network;
  readonly weights: Map<string, StoredTensor>;
  readonly takesFolded: boolean;
}

export type Step = { readonly value: string } | { readonly missing: string };

/** The one reader of a value that `fits`; its output is the next value. */
export function only(
  search: Search,
  value: string,
  what: string,
  fits: (reader: Reader) => boolean,
  take: (reader: Reader) => void = () => {},
): Step {
  const all = search.readers.get(value) ?? [];
  const right = all.filter(fits);
  const [reader] = right;
  if (reader !== undefined && right.length === 1) {
    take(reader);
    return { value: reader.node.outputs[0]! };
  }
  const found = all.map(({ node }) => described(search, node)).join(', ') || 'nothing';
  return {
    missing: right.length > 1 ? `${right.length} times ${what}` : `${what} is due, ${found} is there`,
  };
}

export const described = ({ graph }: Search, { op, inputs, attributes }: OnnxNode): string => {
  const sides = graph.tensors.get(inputs[1] ?? '')?.shape ?? attributes.get('kernel_shape');
  return `${op.replace(/[^\w.]/g, '?').slice(0, 40)}${Array.isArray(sides) && sides.length > 0 ? ` [${sides.slice(0, 4)}]` : ''}`;
};

export const numberOf = ({ attributes }: OnnxNode, name: string, absent: number): number => {
  const value = attributes.get(name);
  return typeof value === 'number' ? value : absent;
};
export const listOf = (
  { attributes }: OnnxNode,
  name: string,
  absent: readonly number[],
): readonly number[] => {
  const value = attributes.get(name);
  return Array.isArray(value) ? value : absent;
};

/** Constants may stand behind Identity, where an exporter shares equal ones. */
export function constant({ graph }: Search, name: string | undefined): StoredTensor | undefined {
  let at = name ?? '';
  for (let hop = 0; hop < 8 && !graph.tensors.has(at); hop++)
    at = graph.nodes.find(({ op, outputs }) => op === 'Identity' && outputs[0] === at)?.inputs[0] ?? '';
  const tensor = graph.tensors.get(at);
  return tensor?.dtype.startsWith('I') ? undefined : tensor;
}

/** Whether a reader's window is the one wanted, its own padding and that before it taken together; auto_pad is not read. */
export function hasWindow(
  { node, seen }: Reader,
  { kernel, stride, padding }: { kernel: number; stride: number; padding: number },
): boolean {
  const own = listOf(node, 'pads', [0, 0, 0, 0]);
  const before = seen[0] ? spatialPads(seen[0]) : undefined;
  const auto = node.attributes.get('auto_pad') ?? 'NOTSET';
  const isValid = auto === 'NOTSET' || auto === 'VALID' || auto === '';
  return (
    isValid &&
    isInOrder(seen[0]) &&
    listOf(node, 'kernel_shape', [kernel, kernel]).every((side) => side === kernel) &&
    listOf(node, 'strides', [1, 1]).every((side) => side === stride) &&
    listOf(node, 'dilations', [1, 1]).every((side) => side === 1) &&
    own.length === 4 &&
    own.every((pad, side) => pad + (before?.[side] ?? Number.NaN) === padding)
  );
}

export const isInOrder = (seen: Seen | null | undefined): boolean =>
  seen?.order.every((axis, at) => axis === at) ?? false;

/** One value, over and over. */
export const filled = (length: number, value: number): StoredTensor =>
  float32Tensor([length], new Float32Array(length).fill(value));
