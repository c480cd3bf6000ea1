import { empty, run, type Tensor } from '../tensor.ts';
import {
  type Convolution,
  type ConvolutionFilterGradient,
  type ConvolutionGeometry,
  type ConvolutionInputGradient,
  convolvedSize,
  type Finishing,
} from './convolution-contract.ts';

/** Products in float32, or of bfloat16 images where the processor has such products; sums in float32 always. */
const attributes = (x: Tensor, { kernel, stride, padding }: ConvolutionGeometry) => ({
  T: { type: x.dtype },
  kernel: { int: kernel },
  stride: { int: stride },
  padding: { int: padding },
});

const convolve = (
  x: Tensor,
  filter: Tensor,
  geometry: ConvolutionGeometry,
  transposed: boolean,
  [height, width]: readonly [number, number],
  { bias, addend, relu = false, slope = 0, mask }: Finishing,
): Tensor =>
  run(
    'GcncConvolution',
    [x, filter, bias ?? empty('float32'), addend ?? empty(x.dtype), mask ?? empty(x.dtype)],
    {
      ...attributes(x, geometry),
      M: { type: mask?.dtype ?? x.dtype },
      height: { int: height },
      width: { int: width },
      transposed: { bool: transposed },
      relu: { bool: relu },
      slope: { float: slope },
    },
  );

/** Op: GcncConvolution. */
export const ownConvolution: Convolution = (x, filter, geometry, finishing = {}) => {
  const [, height, width] = x.shape as readonly [number, number, number, number];
  const size = [convolvedSize(height, geometry), convolvedSize(width, geometry)] as const;
  return convolve(x, filter, geometry, false, size, finishing);
};

/** Op: GcncConvolution, transposed. */
export const ownInputGradient: ConvolutionInputGradient = (
  gradient,
  filter,
  [, height, width],
  geometry,
  finishing = {},
) => convolve(gradient, filter, geometry, true, [height!, width!], finishing);

/** Op: GcncFilterGradient. */
export const ownFilterGradient: ConvolutionFilterGradient = (x, gradient, _shape, geometry) =>
  run('GcncFilterGradient', [x, gradient], attributes(x, geometry));
