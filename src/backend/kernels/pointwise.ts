import { alias, cast, dispose, ints, run, type Tensor } from '../tensor.ts';

const typed = (x: Tensor) => ({ T: { type: x.dtype } });

/** x above 0, `slope` x elsewhere; slopes are not negative. Op: Relu, or LeakyRelu where the slope is above 0. */
export const relu = (x: Tensor, slope = 0): Tensor =>
  slope === 0 ? run('Relu', [x], typed(x)) : run('LeakyRelu', [x], { ...typed(x), alpha: { float: slope } });

/**
 * `gradient` where `output` is positive, elsewhere times the slope: the gradient of ReLU or LeakyReLU, and its tangent. The output may be of
 * another type and have fewer examples: the gradient's n belongs to n modulo their number. Ops: Cast, Tile, ReluGrad or LeakyReluGrad.
 */
export const maskByPositive = (gradient: Tensor, output: Tensor, slope = 0): Tensor => {
  const narrow = cast(output, gradient.dtype);
  const whole = repeated(narrow, gradient.shape[0]!);
  const masked =
    slope === 0
      ? run('ReluGrad', [gradient, whole], typed(gradient))
      : run('LeakyReluGrad', [gradient, whole], { ...typed(gradient), alpha: { float: slope } });
  dispose(narrow, whole);
  return masked;
};

/** a + b, with broadcasting. Op: AddV2. */
export const add = (a: Tensor, b: Tensor): Tensor => run('AddV2', [a, b], typed(a));

/** a * b, with broadcasting. Op: Mul. */
export const multiply = (a: Tensor, b: Tensor): Tensor => run('Mul', [a, b], typed(a));

/** x [n, ...] repeated along its first axis until there are `examples`, a multiple of n; an alias where there are. Op: Tile. */
export const repeated = (x: Tensor, examples: number): Tensor => {
  const times = examples / x.shape[0]!;
  if (times === 1) return alias(x);
  return run('Tile', [x, ints([times, ...x.shape.slice(1).map(() => 1)])], {
    T: { type: x.dtype },
    Tmultiples: { type: 'int32' },
  });
};
