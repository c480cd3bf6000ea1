import { batchNormEpsilon } from '../../backend/kernels/batch-norm-contract.ts';
import { float32Tensor, type StoredTensor, toFloat32 } from '../../formats/safetensors.ts';
import type { LayerOfKind } from '../../models/network.ts';
import { underOurEpsilon } from '../converted-weights.ts';
import { constant, filled, hasWindow, numberOf, only, type Search, type Step } from './search.ts';
import type { Reader, Seen } from './values.ts';

/** The image itself may be fed with channels last, and is then transposed. */
const isImageInOrder = (reader: Reader): Reader =>
  String(reader.seen[0]?.order) === '0,3,1,2' ? { ...reader, seen: [inOrder(reader.seen[0]!)] } : reader;

const inOrder = ({ value, order, pads }: Seen): Seen => ({
  value,
  order: [0, 1, 2, 3],
  pads: [...order.map((axis) => pads[axis]!), ...order.map((axis) => pads[axis + 4]!)],
});

export function convolution(search: Search, layer: LayerOfKind<'convolution'>, value: string): Step {
  const { name, inChannels, outChannels, geometry } = layer;
  const { kernel, stride, padding } = geometry;
  const isFirst = value === search.graph.inputs[0]?.name;
  const what = `a ${kernel}x${kernel} convolution of ${inChannels} to ${outChannels} channels with stride ${stride} and padding ${padding}`;
  const fits = (reader: Reader): boolean =>
    reader.node.op === 'Conv' &&
    String(constant(search, reader.node.inputs[1])?.shape) ===
      `${outChannels},${inChannels},${kernel},${kernel}` &&
    numberOf(reader.node, 'group', 1) === 1 &&
    hasWindow(isFirst ? isImageInOrder(reader) : reader, geometry);
  return only(search, value, what, fits, ({ node }) => {
    const bias = constant(search, node.inputs[2]);
    search.weights.set(`${name}.weight`, constant(search, node.inputs[1])!);
    if (layer.bias) search.weights.set(`${name}.bias`, bias ?? filled(outChannels, 0));
    else if (bias) search.weights.set(`${node.outputs[0]!} bias`, bias);
  });
}

/**
 * Batch norm of its own, with its epsilon moved into the running variance; or, where an exporter folded it into the convolution, one that
 * only adds what is left of it. A convolution's bias that the network does not have moves into the norm, exactly.
 */
export function batchNorm(search: Search, { name, channels }: LayerOfKind<'batchNorm'>, value: string): Step {
  const { weights, readers, takesFolded } = search;
  const moved = weights.get(`${value} bias`);
  weights.delete(`${value} bias`);
  const set = (values: Readonly<Record<string, StoredTensor>>): void => {
    for (const [part, tensor] of Object.entries(values)) weights.set(`${name}.${part}`, tensor);
  };
  const isFolded = !(readers.get(value) ?? []).some(({ node }) => node.op === 'BatchNormalization');
  if (isFolded && takesFolded) {
    set({
      weight: filled(channels, 1),
      bias: moved ?? filled(channels, 0),
      running_mean: filled(channels, 0),
      running_var: filled(channels, 1 - batchNormEpsilon),
    });
    return { value };
  }
  const parts = ({ node }: Reader) => node.inputs.slice(1, 5).map((each) => constant(search, each));
  const fits = (reader: Reader): boolean =>
    reader.node.op === 'BatchNormalization' &&
    parts(reader).length === 4 &&
    parts(reader).every((part) => String(part?.shape) === String(channels));
  return only(search, value, `batch norm of ${channels} channels`, fits, (reader) => {
    const [weight, bias, mean, variance] = parts(reader) as [
      StoredTensor,
      StoredTensor,
      StoredTensor,
      StoredTensor,
    ];
    const offset = moved && toFloat32(moved);
    set({
      ...withEpsilon(weight, variance, numberOf(reader.node, 'epsilon', 1e-5)),
      bias,
      running_mean: offset ? mapped(mean, (each, channel) => each - offset[channel]!) : mean,
    });
  });
}

const mapped = (tensor: StoredTensor, change: (value: number, index: number) => number): StoredTensor =>
  float32Tensor(tensor.shape, toFloat32(tensor).map(change));

/** ONNX stores epsilon in float32: 1e-5 comes back as 9.99999975e-6. */
const withEpsilon = (weight: StoredTensor, variance: StoredTensor, epsilon: number) => {
  if (Math.abs(epsilon - batchNormEpsilon) < 1e-11) return { weight, running_var: variance };
  const moved = underOurEpsilon(toFloat32(weight), toFloat32(variance), epsilon);
  return {
    weight: float32Tensor(weight.shape, moved.scale),
    running_var: float32Tensor(variance.shape, moved.variance),
  };
};
