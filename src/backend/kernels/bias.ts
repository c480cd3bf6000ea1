import { execute, run, type Tensor } from '../tensor.ts';

/** x [n, h, w, c] plus bias [c]. Op: BiasAdd. */
export const addBias = (x: Tensor, bias: Tensor): Tensor =>
  run('BiasAdd', [x, bias], { T: { type: x.dtype }, data_format: { string: 'NHWC' } });

/** Sum over all axes but the last. Op: BiasAddGrad. */
export const biasGradient = (gradient: Tensor): Tensor =>
  execute('BiasAddGrad', [gradient], { T: { type: gradient.dtype }, data_format: { string: 'NHWC' } })[0]!;
