import { hasOwnKernels } from '../load.ts';
import {
  alias,
  cast,
  dispose,
  execute,
  float,
  fromArray,
  run,
  scalar,
  type Tensor,
  unscoped,
} from '../tensor.ts';
import { add, multiply } from './pointwise.ts';

/** A float32 tensor that ops change in place: a resource of TensorFlow's, or with own kernels a tensor that they write to. */
export interface Variable {
  readonly handle: Tensor;
  readonly shape: readonly number[];
  readonly isResource: boolean;
  /** What was read of the resource since its last change: shared by its readers, so that each step reads it once. */
  read: Tensor | null;
}

let made = 0;

/** A variable with a copy of the value. Ops: VarHandleOp, AssignVariableOp; or DeepCopy. */
export const createVariable = (value: Tensor): Variable => {
  const { shape } = value;
  if (hasOwnKernels()) return { handle: copy(value), shape, isResource: false, read: null };
  const handle = run('VarHandleOp', [], {
    dtype: { type: 'float32' },
    shape: { shape },
    shared_name: { string: `gcnc-${made++}` },
    container: { string: '' },
  });
  assign(handle, value);
  return { handle, shape, isResource: true, read: null };
};

const copy = (value: Tensor): Tensor => run('DeepCopy', [value], { T: { type: 'float32' } });

const assign = (handle: Tensor, value: Tensor): void => {
  const attributes = { dtype: { type: 'float32' }, validate_shape: { bool: false } } as const;
  execute('AssignVariableOp', [handle, value], attributes, 0);
};

/** The value, sharing the variable's memory: dispose of it before the next change. Op: ReadVariableOp once per change, or none. */
export const readVariable = (variable: Variable): Tensor => {
  const { handle, isResource } = variable;
  if (!isResource) return alias(handle);
  variable.read ??= unscoped(run('ReadVariableOp', [handle], { dtype: { type: 'float32' } }));
  return alias(variable.read);
};

/** Before a change: a resource whose value somebody holds is copied instead of changed in place. */
const forgetRead = (variable: Variable): void => {
  if (variable.read) dispose(variable.read);
  variable.read = null;
};

/** Frees the variable. Op: DestroyResourceOp. */
export const destroyVariable = (variable: Variable): void => {
  forgetRead(variable);
  const { handle, isResource } = variable;
  if (isResource) execute('DestroyResourceOp', [handle], { ignore_lookup_error: { bool: true } }, 0);
  dispose(handle);
};

/** One weight, its momentum and its gradient, of any type. */
export interface Update {
  readonly weights: Variable;
  readonly velocity: Variable;
  readonly gradient: Tensor;
}

export interface MomentumStep {
  readonly rate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly l2: number;
  readonly weightDecay: number;
}

/**
 * PyTorch's SGD without dampening, in place: g <- g + l2 w; w <- (1 - rate weightDecay) w; v <- momentum v + g; w <- w - rate v, or
 * with Nesterov w <- w - rate (g + momentum v). Op: GcncMomentum for all at once, or ResourceApplyMomentum and others for each.
 */
export const applyMomentum = (updates: readonly Update[], step: MomentumStep): void => {
  if (updates.length === 0) return;
  if (hasOwnKernels()) applyToAll(updates, step);
  else {
    const rate = scalar(step.rate);
    const shrinking = step.weightDecay > 0 ? scalar(1 - step.rate * step.weightDecay) : null;
    for (const update of updates) applyToOne(update, step, rate, shrinking);
    dispose(rate, shrinking);
  }
};

const applyToAll = (
  updates: readonly Update[],
  { rate, momentum, nesterov, l2, weightDecay }: MomentumStep,
): void => {
  const numbers = fromArray(Float32Array.of(rate, momentum, l2, 1 - rate * weightDecay), [4]);
  const gradients = updates.map(({ gradient }) => cast(gradient, 'float32'));
  const weights = updates.map((update) => update.weights.handle);
  const velocities = updates.map((update) => update.velocity.handle);
  const attributes = { N: { int: updates.length }, nesterov: { bool: nesterov } };
  execute('GcncMomentum', [numbers, ...weights, ...velocities, ...gradients], attributes, 0);
  dispose(numbers, ...gradients);
};

const applyToOne = (
  { weights, velocity, gradient }: Update,
  { momentum, nesterov, l2 }: MomentumStep,
  rate: Tensor,
  shrinking: Tensor | null,
): void => {
  let total = cast(gradient, 'float32');
  if (l2 > 0) total = plusTimes(total, weights, l2);
  if (shrinking) shrink(weights, shrinking);
  forgetRead(weights);
  forgetRead(velocity);
  execute(
    'ResourceApplyMomentum',
    [weights.handle, velocity.handle, rate, total, float(momentum)],
    { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: nesterov } },
    0,
  );
  dispose(total);
};

/** gradient + l2 weights; takes over the gradient. */
const plusTimes = (gradient: Tensor, weights: Variable, l2: number): Tensor => {
  const value = readVariable(weights);
  const pull = multiply(value, float(l2));
  const total = add(gradient, pull);
  dispose(value, pull, gradient);
  return total;
};

const shrink = (weights: Variable, by: Tensor): void => {
  const value = readVariable(weights);
  const smaller = multiply(value, by);
  dispose(value);
  forgetRead(weights);
  assign(weights.handle, smaller);
  dispose(smaller);
};
