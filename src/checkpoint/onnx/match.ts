import type { OnnxGraph } from '../../formats/onnx.ts';
import type { StoredTensor } from '../../formats/safetensors.ts';
import type { Layer, LayerOfKind, Network } from '../../models/network.ts';
import { batchNorm, convolution } from './convolution.ts';
import { linear } from './linear.ts';
import { hasWindow, isInOrder, listOf, numberOf, only, type Search, type Step } from './search.ts';
import { integersOf, type Reader, readersOf } from './values.ts';

export interface Match {
  /** Of the layers that were found, under the network's names. */
  readonly weights: ReadonlyMap<string, StoredTensor>;
  /** Layers that were found, from the first on. */
  readonly found: number;
  /** What stands in the file in place of the next layer; null where all were found. */
  readonly missing: string | null;
  /** Operations that read what the last layer that was found gives. */
  readonly next: readonly string[];
}

/**
 * Follows a network's layers through an ONNX graph, from the image on: each must be read by the operation, of the shape, strides and
 * padding, that the network has next. Names are not looked at: exporters keep a filter's name when they fold batch norm into it.
 */
export function matchNetwork(network: Network, graph: OnnxGraph, takesFolded: boolean): Match {
  const weights = new Map<string, StoredTensor>();
  const search: Search = { graph, readers: readersOf(graph), network, weights, takesFolded };
  const values: string[] = [];
  const image = graph.inputs[0]?.name ?? '';
  for (const [index, { layer, inputs }] of network.nodes.entries()) {
    const from = inputs.map((input) => (input < 0 ? image : values[input]!));
    const isNormable = search.network.nodes[inputs[0]!]?.layer.kind === 'convolution';
    const result = step({ ...search, takesFolded: takesFolded && isNormable }, layer, from, index);
    if ('missing' in result) return { weights, found: index, missing: result.missing, next: [] };
    values.push(result.value);
  }
  const next = (search.readers.get(values.at(-1) ?? '') ?? []).map(({ node }) => node.op);
  return { weights, found: network.nodes.length, missing: null, next };
}

function step(search: Search, layer: Layer, from: readonly string[], index: number): Step {
  const value = from[0]!;
  switch (layer.kind) {
    case 'convolution':
      return convolution(search, layer, value);
    case 'batchNorm':
      return batchNorm(search, layer, value);
    case 'relu':
      return only(search, value, `ReLU${layer.slope ? ` of slope ${layer.slope}` : ''}`, ({ node }) =>
        node.op === 'Relu'
          ? (layer.slope ?? 0) === 0
          : node.op === 'LeakyRelu' && Math.abs(numberOf(node, 'alpha', 0.01) - (layer.slope ?? 0)) < 1e-7,
      );
    case 'add':
      return only(
        search,
        value,
        'an Add',
        ({ node, seen }) => node.op === 'Add' && seen.some((each) => each?.value === from[1]),
      );
    case 'maxPool':
      return only(search, value, 'a MaxPool', (reader) => isMaxPool(search, layer, reader, index));
    case 'globalAveragePool':
      return only(search, value, 'an average over the image', (reader) => isAverage(search, reader, index));
    case 'linear':
      return linear(search, layer, value, index);
    default:
      return { value };
  }
}

function isMaxPool(
  search: Search,
  { geometry }: LayerOfKind<'maxPool'>,
  reader: Reader,
  index: number,
): boolean {
  const { size, stride, padding } = geometry;
  const input = shapeBefore(search.network, index);
  const isExact = [input[0]!, input[1]!].every((side) => (side + 2 * padding - size) % stride === 0);
  return (
    reader.node.op === 'MaxPool' &&
    hasWindow(reader, { kernel: size, stride, padding }) &&
    (numberOf(reader.node, 'ceil_mode', 0) === 0 || isExact)
  );
}

const shapeBefore = ({ nodes, shapes, imageShape }: Network, index: number): readonly number[] => {
  const input = nodes[index]!.inputs[0]!;
  return input < 0 ? imageShape : shapes[input]!;
};

function isAverage(search: Search, { node, seen }: Reader, index: number): boolean {
  if (seen[0]?.pads.some((pad) => pad !== 0)) return false;
  if (node.op === 'GlobalAveragePool') return isInOrder(seen[0]);
  const [height, width] = shapeBefore(search.network, index);
  if (node.op === 'AveragePool')
    return (
      isInOrder(seen[0]) &&
      String(listOf(node, 'kernel_shape', [])) === `${height},${width}` &&
      listOf(node, 'pads', [0]).every((pad) => pad === 0)
    );
  if (node.op !== 'ReduceMean') return false;
  const stored = search.graph.tensors.get(node.inputs[1] ?? '');
  const axes = stored ? integersOf(stored) : listOf(node, 'axes', []);
  const averaged = axes.map((axis) => seen[0]?.order[axis < 0 ? axis + 4 : axis]).sort();
  return String(averaged) === '2,3';
}
