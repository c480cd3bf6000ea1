import type { Tensor } from '../tensor.ts';

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

/** Convolution, and its gradients, as each kind of kernels has them. */
export type Convolution = (
  x: Tensor,
  filter: Tensor,
  geometry: ConvolutionGeometry,
  finishing?: Finishing,
) => Tensor;

export type ConvolutionInputGradient = (
  gradient: Tensor,
  filter: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
  finishing?: Pick<Finishing, 'addend' | 'mask' | 'slope'>,
) => Tensor;

export type ConvolutionFilterGradient = (
  x: Tensor,
  gradient: Tensor,
  shape: readonly number[],
  geometry: ConvolutionGeometry,
) => Tensor;
