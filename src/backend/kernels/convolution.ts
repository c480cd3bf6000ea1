import { hasOwnKernels } from '../load.ts';
import type {
  Convolution,
  ConvolutionFilterGradient,
  ConvolutionInputGradient,
} from './convolution-contract.ts';
import { ownConvolution, ownFilterGradient, ownInputGradient } from './convolution-own.ts';
import {
  tensorFlowConvolution,
  tensorFlowFilterGradient,
  tensorFlowInputGradient,
} from './convolution-tensorflow.ts';

/** Convolution of x [n, h, w, in] with filter [k, k, in, out]. Op: GcncConvolution, or Conv2D and others. */
export const convolution: Convolution = (x, filter, geometry, finishing) =>
  (hasOwnKernels() ? ownConvolution : tensorFlowConvolution)(x, filter, geometry, finishing);

/** Gradient with respect to x of shape `shape`. Op: GcncConvolution, or Conv2DBackpropInput and others. */
export const convolutionInputGradient: ConvolutionInputGradient = (
  gradient,
  filter,
  shape,
  geometry,
  finishing,
) =>
  (hasOwnKernels() ? ownInputGradient : tensorFlowInputGradient)(
    gradient,
    filter,
    shape,
    geometry,
    finishing,
  );

/** Gradient with respect to a filter of shape `shape`. Op: GcncFilterGradient (float32), or Conv2DBackpropFilter, MatMul (x's type). */
export const convolutionFilterGradient: ConvolutionFilterGradient = (x, gradient, shape, geometry) =>
  (hasOwnKernels() ? ownFilterGradient : tensorFlowFilterGradient)(x, gradient, shape, geometry);
