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
    return isPlain(reader) && out !== undefined && (isLast || out === layer.outFeatures);
  };
  let bias: StoredTensor | undefined;
  const product = only(search, value, `a linear layer of ${inFeatures} values`, fits, (reader) => {
    const [input] = reader.seen;
    const rows = outFeaturesOf(reader)!;
    const isTransposed = reader.node.op === 'Gemm' && numberOf(reader.node, 'transB', 0) === 1;
    const values = toFloat32(constant(search, reader.node.inputs[1])!);
    const spatial = spatialBefore(search.network, index);
    const columnAt =
      spatial && String(input?.order) === '0,2,3,1' ? channelsLast(spatial) : (at: number) => at;
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

/** Where a value stands with channels last that stands at `at` with channels first. */
const channelsLast =
  ([height, width, channels]: readonly number[]) =>
  (at: number): number => {
    const pixel = at % (height! * width!);
    return pixel * channels! + Math.floor(at / (height! * width!));
  };
