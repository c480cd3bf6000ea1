import { execute, float, run, type Tensor } from '../tensor.ts';

/** A float32 tensor that ops change in place. */
export interface Variable {
  readonly handle: Tensor;
  readonly shape: readonly number[];
}

let made = 0;

/** Op: VarHandleOp, AssignVariableOp. */
export const createVariable = (value: Tensor): Variable => {
  const handle = run('VarHandleOp', [], {
    dtype: { type: 'float32' },
    shape: { shape: value.shape },
    shared_name: { string: `gcnc-${made++}` },
    container: { string: '' },
  });
  const variable = { handle, shape: value.shape };
  assignVariable(variable, value);
  return variable;
};

export const assignVariable = ({ handle }: Variable, value: Tensor): void => {
  execute(
    'AssignVariableOp',
    [handle, value],
    { dtype: { type: 'float32' }, validate_shape: { bool: false } },
    0,
  );
};

/** The value, sharing the variable's memory: dispose of it before the next change, which would otherwise copy. */
export const readVariable = ({ handle }: Variable): Tensor =>
  run('ReadVariableOp', [handle], { dtype: { type: 'float32' } });

/** Frees the variable's memory; its handle stays its owner's to dispose of. Op: DestroyResourceOp. */
export const destroyVariable = ({ handle }: Variable): void => {
  execute('DestroyResourceOp', [handle], { ignore_lookup_error: { bool: true } }, 0);
};

/**
 * v <- momentum v + gradient; w <- w - rate v, or with Nesterov w <- w - rate (gradient + momentum v): PyTorch's SGD without
 * dampening. Op: ResourceApplyMomentum.
 */
export const applyMomentum = (
  weights: Variable,
  velocity: Variable,
  gradient: Tensor,
  {
    rate,
    momentum,
    nesterov,
  }: { readonly rate: Tensor; readonly momentum: number; readonly nesterov: boolean },
): void => {
  execute(
    'ResourceApplyMomentum',
    [weights.handle, velocity.handle, rate, gradient, float(momentum)],
    { T: { type: 'float32' }, use_locking: { bool: false }, use_nesterov: { bool: nesterov } },
    0,
  );
};
