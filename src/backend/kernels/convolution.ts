import { dispose, execute, ints, run, type Tensor } from '../tensor.ts';
import { filterGradientByProducts, isFasterByProducts, pointFilterGradient } from './filter-gradient.ts';
import { pad } from './pad.ts';

/** Where a filter goes: as in PyTorch, `padding` zeros on each side. Filters are [height, width, in, out], images NHWC. */
export interface ConvolutionGeometry {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export const convolvedSize = (size: number, { kernel, stride, padding }: ConvolutionGeometry): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

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

/** Convolution of x [n, h, w, in] with filter [k, k, in, out]. Op: Conv2D. */
export const convolution = (x: Tensor, filter: Tensor, geometry: ConvolutionGeometry): Tensor => {
  const by = paddings(x.shape, geometry);
  if (by === null) return run('Conv2D', [x, filter], attributes(x, geometry));
  const padded = pad(x, by);
  const y = run('Conv2D', [padded, filter], attributes(x, geometry));
  dispose(padded);
  return y;
};

/** Gradient with respect to x of shape `shape`. Op: Conv2DBackpropInput. */
export const convolutionInputGradient = (
  gradient: Tensor,
  filter: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
): Tensor => {
  const by = paddings(shape, geometry);
  const dx = run(
    'Conv2DBackpropInput',
    [ints(paddedShape(shape, by)), filter, gradient],
    attributes(gradient, geometry),
  );
  if (by === null) return dx;
  const cut = run('Slice', [dx, ints([0, by[2]!, by[4]!, 0]), ints(shape)], {
    T: { type: dx.dtype },
    Index: { type: 'int32' },
  });
  dispose(dx);
  return cut;
};

/** Gradient with respect to a filter of shape `shape`. Op: Conv2DBackpropFilter, or MatMul where that is faster. */
export const convolutionFilterGradient = (
  x: Tensor,
  gradient: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
): Tensor => {
  if (geometry.kernel === 1) return pointFilterGradient(x, gradient, shape, geometry);
  if (isFasterByProducts(x, geometry)) return filterGradientByProducts(x, gradient, shape, geometry);
  const by = paddings(x.shape, geometry);
  const padded = by === null ? x : pad(x, by);
  const gradientOfFilter = run(
    'Conv2DBackpropFilter',
    [padded, ints(shape), gradient],
    attributes(x, geometry),
  );
  if (padded !== x) dispose(padded);
  return gradientOfFilter;
};

/** x [n, h, w, c] plus bias [c]. Op: BiasAdd. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  run('BiasAdd', [x, bias], { T: { type: x.dtype }, data_format: { string: 'NHWC' } });

/** Sum over all axes but the last. Op: BiasAddGrad. */
export const biasGradient = (gradient: Tensor): Tensor =>
  execute('BiasAddGrad', [gradient], { T: { type: gradient.dtype }, data_format: { string: 'NHWC' } })[0]!;
