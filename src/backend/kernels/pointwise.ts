import { run, type Tensor } from '../tensor.ts';

const typed = (x: Tensor) => ({ T: { type: x.dtype } });

/** max(x, 0). Op: Relu. */
export const relu = (x: Tensor): Tensor => run('Relu', [x], typed(x));

/** `gradient` where `output` is positive, else 0: the gradient of ReLU, and its tangent. Op: ReluGrad. */
export const maskByPositive = (gradient: Tensor, output: Tensor): Tensor =>
  run('ReluGrad', [gradient, output], typed(output));

/** a + b, with broadcasting. Op: AddV2. */
export const add = (a: Tensor, b: Tensor): Tensor => run('AddV2', [a, b], typed(a));

/** a * b, with broadcasting. Op: Mul. */
export const multiply = (a: Tensor, b: Tensor): Tensor => run('Mul', [a, b], typed(a));
