import { hasOwnKernels } from '../load.ts';
import { execute, run, type Tensor } from '../tensor.ts';
import { ownConvolution, ownFilterGradient, ownInputGradient } from './convolution-own.ts';
import {
  tensorFlowConvolution,
  tensorFlowFilterGradient,
  tensorFlowInputGradient,
} from './convolution-tensorflow.ts';

/** Where a filter goes: as in PyTorch, `padding` zeros on each side. Filters are float32 [height, width, in, out], images NHWC. */
export interface ConvolutionGeometry {
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export const convolvedSize = (size: number, { kernel, stride, padding }: ConvolutionGeometry): number =>
  Math.floor((size + 2 * padding - kernel) / stride) + 1;

/** What is done to an output before it is stored: mask(relu(output + bias + addend)), each where it is given. */
export interface Finishing {
  /** float32 [channels]. */
  readonly bias?: Tensor;
  /** Of the output's shape and type. */
  readonly addend?: Tensor;
  readonly relu?: boolean;
  /** Of the ReLU and of the mask, where values are not positive: 0, or LeakyReLU's, which is not negative. */
  readonly slope?: number;
  /** Times the slope where this is not positive; of the output's shape and any type, or with fewer examples: n is masked by n modulo their number. */
  readonly mask?: Tensor;
}

/** Convolution of x [n, h, w, in] with filter [k, k, in, out]. Op: GcncConvolution, or Conv2D and others. */
export const convolution = (
  x: Tensor,
  filter: Tensor,
  geometry: ConvolutionGeometry,
  finishing: Finishing = {},
): Tensor => (hasOwnKernels() ? ownConvolution : tensorFlowConvolution)(x, filter, geometry, finishing);

/** Gradient with respect to x of shape `shape`. Op: GcncConvolution, or Conv2DBackpropInput and others. */
export const convolutionInputGradient = (
  gradient: Tensor,
  filter: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
  finishing: Pick<Finishing, 'addend' | 'mask' | 'slope'> = {},
): Tensor =>
  (hasOwnKernels() ? ownInputGradient : tensorFlowInputGradient)(
    gradient,
    filter,
    shape,
    geometry,
    finishing,
  );

/** Gradient with respect to a filter of shape `shape`. Op: GcncFilterGradient (float32), or Conv2DBackpropFilter, MatMul (x's type). */
export const convolutionFilterGradient = (
  x: Tensor,
  gradient: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
): Tensor => (hasOwnKernels() ? ownFilterGradient : tensorFlowFilterGradient)(x, gradient, shape, geometry);

/** x [n, h, w, c] plus bias [c]. Op: BiasAdd. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  run('BiasAdd', [x, bias], { T: { type: x.dtype }, data_format: { string: 'NHWC' } });

/** Sum over all axes but the last. Op: BiasAddGrad. */
export const biasGradient = (gradient: Tensor): Tensor =>
  execute('BiasAddGrad', [gradient], { T: { type: gradient.dtype }, data_format: { string: 'NHWC' } })[0]!;
