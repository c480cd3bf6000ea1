import { hasOwnKernels } from '../load.ts';
import { alias, cast, dispose, float, ints, run, type Tensor } from '../tensor.ts';
import { padEvenly, padWithLeast } from './pad.ts';
import { maskByPositive, repeated } from './pointwise.ts';

export interface PoolingGeometry {
  readonly size: number;
  readonly stride: number;
  readonly padding: number;
}

const window = (x: Tensor, { size, stride }: PoolingGeometry) => ({
  T: { type: x.dtype },
  ksize: { ints: [1, size, size, 1] },
  strides: { ints: [1, stride, stride, 1] },
  padding: { string: 'VALID' },
  data_format: { string: 'NHWC' },
});

/** Minus infinity around x, as in PyTorch. */
const padded = (x: Tensor, { padding }: PoolingGeometry): Tensor =>
  padding === 0 ? x : padWithLeast(x, padding);

const ownAttributes = (x: Tensor, { size, stride, padding }: PoolingGeometry) => ({
  T: { type: x.dtype },
  size: { int: size },
  stride: { int: stride },
  padding: { int: padding },
});

/**
 * Largest value of each window. Op: GcncMaxPool, in which NaN is the largest, as in PyTorch; or MaxPool, which passes over NaN and makes the
 * least finite number of a window of minus infinity.
 */
export const maxPool = (x: Tensor, geometry: PoolingGeometry): Tensor => {
  if (hasOwnKernels()) return run('GcncMaxPool', [x], ownAttributes(x, geometry));
  const wide = padded(x, geometry);
  const y = run('MaxPool', [wide], { ...window(x, geometry), explicit_paddings: { ints: [] } });
  if (wide !== x) dispose(wide);
  return y;
};

/**
 * Gradient with respect to x, or with `relu` with respect to what a ReLU (or with a slope LeakyReLU) made x of. x and y may have fewer examples than the gradient,
 * whose n belongs to n modulo their number, and be of another type. Op: GcncMaxPoolGradient, or Tile, MaxPoolGrad, Slice, ReluGrad.
 */
export const maxPoolGradient = (
  gradient: Tensor,
  x: Tensor,
  y: Tensor,
  geometry: PoolingGeometry,
  relu = false,
  slope = 0,
): Tensor => {
  const [likeX, likeY] = [cast(x, gradient.dtype), cast(y, gradient.dtype)];
  const gradientOf = hasOwnKernels() ? ownGradient : tensorFlowGradient;
  const dx = gradientOf(gradient, likeX, likeY, geometry, relu, slope);
  dispose(likeX, likeY);
  return dx;
};

const ownGradient = (
  gradient: Tensor,
  x: Tensor,
  y: Tensor,
  geometry: PoolingGeometry,
  relu: boolean,
  slope: number,
): Tensor =>
  run('GcncMaxPoolGradient', [x, y, gradient], {
    ...ownAttributes(x, geometry),
    relu: { bool: relu },
    slope: { float: slope },
  });

const tensorFlowGradient = (
  gradient: Tensor,
  x: Tensor,
  y: Tensor,
  geometry: PoolingGeometry,
  relu: boolean,
  slope: number,
): Tensor => {
  const [wholeX, wholeY] = [repeated(x, gradient.shape[0]!), repeated(y, gradient.shape[0]!)];
  const dx = gradientOfWhole(gradient, wholeX, wholeY, geometry);
  const masked = relu ? maskByPositive(dx, wholeX, slope) : alias(dx);
  dispose(wholeX, wholeY, dx);
  return masked;
};

const gradientOfWhole = (gradient: Tensor, x: Tensor, y: Tensor, geometry: PoolingGeometry): Tensor => {
  const wide = padded(x, geometry);
  const dx = run('MaxPoolGrad', [wide, y, gradient], {
    ...window(x, geometry),
    explicit_paddings: { ints: [] },
  });
  if (wide === x) return dx;
  const { padding } = geometry;
  const cut = run('Slice', [dx, ints([0, padding, padding, 0]), ints(x.shape)], {
    T: { type: x.dtype },
    Index: { type: 'int32' },
  });
  dispose(wide, dx);
  return cut;
};

/** The tangent where x has its maximum: forward mode of `maxPool`. Op: MaxPoolGradGrad. */
export const maxPoolTangent = (tangent: Tensor, x: Tensor, y: Tensor, geometry: PoolingGeometry): Tensor => {
  const [likeX, likeY] = [cast(x, tangent.dtype), cast(y, tangent.dtype)];
  const wide = padded(likeX, geometry);
  const wideTangent = geometry.padding === 0 ? tangent : padEvenly(tangent, geometry.padding);
  const result = run('MaxPoolGradGrad', [wide, likeY, wideTangent], window(likeX, geometry));
  if (wide !== likeX) dispose(wide, wideTangent);
  dispose(likeX, likeY);
  return result;
};

/** Mean over height and width, [n, h, w, c] -> float32 [n, c]. Ops: Cast, Mean. */
export const globalAveragePool = (x: Tensor): Tensor => {
  const wide = cast(x, 'float32');
  const y = run('Mean', [wide, ints([1, 2])], {
    T: { type: 'float32' },
    Tidx: { type: 'int32' },
    keep_dims: { bool: false },
  });
  dispose(wide);
  return y;
};

/** Gradient of `globalAveragePool` for an x of the given shape and type. Ops: Mul, Cast, BroadcastTo. */
export const globalAveragePoolGradient = (
  gradient: Tensor,
  { shape, dtype }: Pick<Tensor, 'shape' | 'dtype'>,
): Tensor => {
  const [examples, height, width, channels] = shape;
  const share = run('Mul', [gradient, float(1 / (height! * width!))], { T: { type: 'float32' } });
  const narrow = cast(share, dtype);
  const spread = run('Reshape', [narrow, ints([examples!, 1, 1, channels!])], {
    T: { type: dtype },
    Tshape: { type: 'int32' },
  });
  const dx = run('BroadcastTo', [spread, ints(shape)], { T: { type: dtype }, Tidx: { type: 'int32' } });
  dispose(spread, share, narrow);
  return dx;
};
