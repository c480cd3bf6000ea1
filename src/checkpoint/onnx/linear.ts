import { float32Tensor, type StoredTensor, toFloat32 } from '../../formats/safetensors.ts';
import type { LayerOfKind, Network } from '../../models/network.ts';
import { constant, filled, numberOf, only, type Search, type Step } from './search.ts';
import type { Reader } from './values.ts';

/** Gemm, or MatMul and Add. Columns of weights that read an image with channels last are put into PyTorch's order. */
export function linear(search: Search, layer: LayerOfKind<'linear'>, value: string, index: number): Step {
  const { inFeatures, name } = layer;
  const outFeaturesOf = ({ node }: Reader): number | undefined => {
    const shape = constant(search, node.inputs[1])?.shape ?? [];
    const isTransposed = node.op === 'Gemm' && numberOf(node, 'transB', 0) === 1;
    const [columns, rows] = isTransposed ? [shape[1], shape[0]] : [shape[0], shape[1]];
    return columns === inFeatures ? rows : undefined;
  };
  const isPlain = ({ node }: Reader): boolean =>
    node.op === 'MatMul' ||
    (node.op === 'Gemm' &&
      numberOf(node, 'transA', 0) === 0 &&
      numberOf(node, 'alpha', 1) === 1 &&
      numberOf(node, 'beta', 1) === 1);
  const isLast = index === search.network.outputs.logits;
  const fits = (reader: Reader): boolean => {
    const out = outFeaturesOf(reader);
    // Images stay apart: a map whose first axis is another is not read.
    const keepsImages = (reader.seen[0]?.order[0] ?? 0) === 0;
    return keepsImages && isPlain(reader) && out !== undefined && (isLast || out === layer.outFeatures);
  };
  let bias: StoredTensor | undefined;
  const product = only(search, value, `a linear layer of ${inFeatures} values`, fits, (reader) => {
    const [input] = reader.seen;
    const rows = outFeaturesOf(reader)!;
    const isTransposed = reader.node.op === 'Gemm' && numberOf(reader.node, 'transB', 0) === 1;
    const values = toFloat32(constant(search, reader.node.inputs[1])!);
    const spatial = spatialBefore(search.network, index);
    const columnAt = spatial && input?.order ? transposed(spatial, input.order) : (at: number) => at;
    const ordered = new Float32Array(values.length);
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < inFeatures; column++) {
        const from = columnAt(column);
        ordered[row * inFeatures + column] =
          values[isTransposed ? row * inFeatures + from : from * rows + row]!;
      }
    search.weights.set(`${name}.weight`, float32Tensor([rows, inFeatures], ordered));
    bias = constant(search, reader.node.inputs[2]);
    search.weights.set(`${name}.bias`, bias ?? filled(rows, 0));
  });
  if ('missing' in product || bias) return product;
  const rows = search.weights.get(`${name}.bias`)!.shape[0]!;
  const biasOf = ({ node }: Reader) => node.inputs.map((each) => constant(search, each)).find(Boolean);
  const added = only(
    search,
    product.value,
    'a bias',
    (reader) => reader.node.op === 'Add' && String(biasOf(reader)?.shape) === String(rows),
    (reader) => search.weights.set(`${name}.bias`, biasOf(reader)!),
  );
  return 'missing' in added ? product : added;
}

/** [height, width, channels] that a linear layer's values were flattened of, where they were. */
const spatialBefore = ({ nodes, shapes }: Network, index: number): readonly number[] | undefined => {
  const before = nodes[nodes[index]!.inputs[0]!];
  return before?.layer.kind === 'flatten' ? shapes[before.inputs[0]!] : undefined;
};

/** Where a value of a map [channels, height, width] stands after a transposition of [n, channels, height, width] by `order`. */
function transposed([height, width, channels]: readonly number[], order: readonly number[]) {
  const sizes = [channels!, height!, width!];
  const axes = order.slice(1).map((axis) => axis - 1);
  return (at: number): number => {
    const place = [Math.floor(at / (height! * width!)), Math.floor(at / width!) % height!, at % width!];
    return axes.reduce((sum, axis) => sum * sizes[axis]! + place[axis]!, 0);
  };
}
