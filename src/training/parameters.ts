import { createVariable, destroyVariable, readVariable, type Variable } from '../backend/kernels/momentum.ts';
import { dispose, fromArray, sizeOf, type Tensor } from '../backend/tensor.ts';
import { downloadWeight, uploadWeight } from '../models/device-weights.ts';
import { isTrained, type StateDict, type WeightSpec } from '../models/weights.ts';

/** A trained weight and its momentum, both changed in place. */
export interface TrainedParameter {
  readonly spec: WeightSpec;
  readonly weights: Variable;
  readonly velocity: Variable;
}

/** What training changes: float32 master weights, their momenta, and batch norm's running statistics. */
export interface Parameters {
  readonly trained: readonly TrainedParameter[];
  readonly statistics: Map<string, Tensor>;
  readonly specs: readonly WeightSpec[];
}

/** Momenta start at 0 where none are given. */
export const createParameters = (
  specs: readonly WeightSpec[],
  weights: StateDict,
  momenta: StateDict | null = null,
): Parameters => {
  const trained: TrainedParameter[] = [];
  const statistics = new Map<string, Tensor>();
  for (const spec of specs) {
    const held = weights.get(spec.name)!;
    const value = uploadWeight(spec, held);
    if (isTrained(spec)) {
      const moving = momenta?.get(spec.name);
      const start = moving ? uploadWeight(spec, moving) : zerosLike(value);
      trained.push({ spec, weights: createVariable(value), velocity: createVariable(start) });
      dispose(value, start);
    } else statistics.set(spec.name, value);
  }
  return { trained, statistics, specs };
};

const zerosLike = ({ shape }: Tensor): Tensor => fromArray(new Float32Array(sizeOf(shape)), shape);

const download = (
  specs: readonly WeightSpec[],
  read: (spec: WeightSpec) => { readonly tensor: Tensor; readonly owned: boolean },
): StateDict => {
  const state = new Map<string, { shape: readonly number[]; values: Float32Array }>();
  for (const spec of specs) {
    const { tensor, owned } = read(spec);
    // A copy: the host's view of a tensor's memory ends with the tensor.
    state.set(spec.name, { shape: spec.shape, values: downloadWeight(spec, tensor).slice() });
    if (owned) dispose(tensor);
  }
  return state;
};

/** Weights and running statistics, in PyTorch's layout. */
export const downloadWeights = ({ trained, statistics, specs }: Parameters): StateDict => {
  const variables = new Map(trained.map(({ spec, weights }) => [spec.name, weights]));
  return download(specs, (spec) => {
    const variable = variables.get(spec.name);
    return variable
      ? { tensor: readVariable(variable), owned: true }
      : { tensor: statistics.get(spec.name)!, owned: false };
  });
};

/** Momentum of each trained weight, under the weight's name and in its layout. */
export const downloadMomenta = ({ trained }: Parameters): StateDict => {
  const velocities = new Map(trained.map(({ spec, velocity }) => [spec.name, velocity]));
  return download(
    trained.map(({ spec }) => spec),
    (spec) => ({ tensor: readVariable(velocities.get(spec.name)!), owned: true }),
  );
};

export const disposeParameters = ({ trained, statistics }: Parameters): void => {
  for (const { weights, velocity } of trained)
    for (const variable of [weights, velocity]) destroyVariable(variable);
  dispose(...statistics.values());
};
