import { alias, cast, dispose, ints, run, type Tensor } from '../tensor.ts';

const typed = (x: Tensor) => ({ T: { type: x.dtype } });

/** max(x, 0). Op: Relu. */
export const relu = (x: Tensor): Tensor => run('Relu', [x], typed(x));

/**
 * `gradient` where `output` is positive, else 0: the gradient of ReLU, and its tangent. The output may be of another type and
 * have fewer examples: the gradient's n belongs to n modulo their number. Ops: Cast, Tile, ReluGrad.
 */
export const maskByPositive = (gradient: Tensor, output: Tensor): Tensor => {
  const narrow = cast(output, gradient.dtype);
  const whole = repeated(narrow, gradient.shape[0]!);
  const masked = run('ReluGrad', [gradient, whole], typed(gradient));
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
