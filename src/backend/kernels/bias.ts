import { hasOwnKernels } from '../load.ts';
import { cast, dispose, run, type Tensor } from '../tensor.ts';

/** x [n, h, w, c] plus bias [c]. Op: BiasAdd. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  run('BiasAdd', [x, bias], { T: { type: x.dtype }, data_format: { string: 'NHWC' } });

/**
 * Sum over all axes but the last, in float32: on a processor TensorFlow would add bfloat16 up in bfloat16, where 256 + 1 is 256.
 * Ops: GcncBiasGradient; or Cast and BiasAddGrad.
 */
export const biasGradient = (gradient: Tensor): Tensor => {
  if (hasOwnKernels()) return run('GcncBiasGradient', [gradient], { T: { type: gradient.dtype } });
  const wide = cast(gradient, 'float32');
  const sum = run('BiasAddGrad', [wide], { T: { type: 'float32' }, data_format: { string: 'NHWC' } });
  dispose(wide);
  return sum;
};
