import { hasOwnKernels } from '../load.ts';
import { run, type Tensor } from '../tensor.ts';

/** x [n, h, w, c] plus bias [c]. Op: BiasAdd. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  run('BiasAdd', [x, bias], { T: { type: x.dtype }, data_format: { string: 'NHWC' } });

/** Sum over all axes but the last. Op: GcncBiasGradient, in float32; or BiasAddGrad, in the gradient's type. */
export const biasGradient = (gradient: Tensor): Tensor =>
  hasOwnKernels()
    ? run('GcncBiasGradient', [gradient], { T: { type: gradient.dtype } })
    : run('BiasAddGrad', [gradient], { T: { type: gradient.dtype }, data_format: { string: 'NHWC' } });
