import { alias, cast, dispose, ints, run, type Tensor } from '../tensor.ts';
import { addBias } from './bias.ts';
import {
  type Convolution,
  type ConvolutionFilterGradient,
  type ConvolutionGeometry,
  type ConvolutionInputGradient,
  convolvedSize,
  type Finishing,
} from './convolution-contract.ts';
import { filterGradientByProducts, isFasterByProducts, pointFilterGradient } from './filter-gradient.ts';
import { pad } from './pad.ts';
import { add, maskByPositive, relu } from './pointwise.ts';

/** oneDNN runs only for SAME and VALID; PyTorch's padding is SAME at stride 1 and a Pad op before VALID elsewhere. */
const isSame = ({ kernel, stride, padding }: ConvolutionGeometry): boolean =>
  stride === 1 && kernel === 2 * padding + 1;

const attributes = (x: Tensor, geometry: ConvolutionGeometry) => ({
  T: { type: x.dtype },
  strides: { ints: [1, geometry.stride, geometry.stride, 1] },
  padding: { string: isSame(geometry) ? 'SAME' : 'VALID' },
  data_format: { string: 'NHWC' },
  explicit_paddings: { ints: [] },
  dilations: { ints: [1, 1, 1, 1] },
  use_cudnn_on_gpu: { bool: true },
});

/** Rows and columns of zeros that the filter reaches: before the image, and after it. */
const paddingOf = (size: number, geometry: ConvolutionGeometry): readonly [number, number] => {
  const reached = (convolvedSize(size, geometry) - 1) * geometry.stride + geometry.kernel;
  return [geometry.padding, Math.max(0, reached - size - geometry.padding)];
};

const paddings = (shape: readonly number[], geometry: ConvolutionGeometry): readonly number[] | null => {
  if (isSame(geometry)) return null;
  const [top, bottom] = paddingOf(shape[1]!, geometry);
  const [left, right] = paddingOf(shape[2]!, geometry);
  return top + bottom + left + right === 0 ? null : [0, 0, top, bottom, left, right, 0, 0];
};

const paddedShape = (shape: readonly number[], by: readonly number[] | null): readonly number[] =>
  by === null ? shape : shape.map((size, axis) => size + by[2 * axis]! + by[2 * axis + 1]!);

/** Ops: Pad, Conv2D, then those of `finished`. */
export const tensorFlowConvolution: Convolution = (x, filter, geometry, finishing = {}) => {
  const by = paddings(x.shape, geometry);
  const padded = by === null ? alias(x) : pad(x, by);
  const narrow = cast(filter, x.dtype);
  const y = run('Conv2D', [padded, narrow], attributes(x, geometry));
  dispose(padded, narrow);
  return finished(y, finishing);
};

/** Ops: Conv2DBackpropInput, Slice, then those of `finished`. */
export const tensorFlowInputGradient: ConvolutionInputGradient = (
  gradient,
  filter,
  shape,
  geometry,
  finishing = {},
) => {
  const by = paddings(shape, geometry);
  const narrow = cast(filter, gradient.dtype);
  const dx = run(
    'Conv2DBackpropInput',
    [ints(paddedShape(shape, by)), narrow, gradient],
    attributes(gradient, geometry),
  );
  dispose(narrow);
  if (by === null) return finished(dx, finishing);
  const cut = run('Slice', [dx, ints([0, by[2]!, by[4]!, 0]), ints(shape)], {
    T: { type: dx.dtype },
    Index: { type: 'int32' },
  });
  dispose(dx);
  return finished(cut, finishing);
};

/** Op: Conv2DBackpropFilter, or MatMul where that is faster. */
export const tensorFlowFilterGradient: ConvolutionFilterGradient = (x, gradient, shape, geometry) => {
  if (geometry.kernel === 1) return pointFilterGradient(x, gradient, shape, geometry);
  if (isFasterByProducts(x, geometry)) return filterGradientByProducts(x, gradient, shape, geometry);
  const by = paddings(x.shape, geometry);
  const padded = by === null ? alias(x) : pad(x, by);
  const gradientOfFilter = run(
    'Conv2DBackpropFilter',
    [padded, ints(shape), gradient],
    attributes(x, geometry),
  );
  dispose(padded);
  return gradientOfFilter;
};

/** Takes over y. Ops: BiasAdd, AddV2, Relu, ReluGrad, or LeakyRelu, LeakyReluGrad. */
const finished = (y: Tensor, { bias, addend, relu: rectifies, slope = 0, mask }: Finishing): Tensor => {
  let result = y;
  const replace = (next: Tensor): void => {
    dispose(result);
    result = next;
  };
  if (bias) {
    const narrow = cast(bias, y.dtype);
    replace(addBias(result, narrow));
    dispose(narrow);
  }
  if (addend) replace(add(result, addend));
  if (rectifies) replace(relu(result, slope));
  if (mask) replace(maskByPositive(result, mask, slope));
  return result;
};
