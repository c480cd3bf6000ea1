import { transpose } from '../backend/kernels/linear.ts';
import { hasOwnKernels } from '../backend/load.ts';
import type { Precision } from '../backend/precision.ts';
import { cast, dispose, fromArray, keep, readFloats, scope, type Tensor } from '../backend/tensor.ts';
import type { Pass } from './layers/operation.ts';
import type { StateDict, WeightSpec } from './weights.ts';

/** Filters are [out, in, h, w] on the host and [h, w, in, out] where kernels read them. */
const toKernelLayout = [2, 3, 1, 0];
const toHostLayout = [3, 2, 0, 1];

/** The weight as a float32 tensor in its kernel's layout, the caller's to dispose of. */
export const uploadWeight = (
  { role }: WeightSpec,
  { shape, values }: { readonly shape: readonly number[]; readonly values: Float32Array },
): Tensor => {
  const tensor = fromArray(values, shape);
  if (role !== 'filter') return tensor;
  const ordered = transpose(tensor, toKernelLayout);
  dispose(tensor);
  return ordered;
};

/** A weight, or its gradient, as the host's PyTorch layout. */
export const downloadWeight = ({ role }: WeightSpec, tensor: Tensor): Float32Array => {
  if (role !== 'filter') return readFloats(tensor);
  const ordered = transpose(tensor, toHostLayout);
  const values = readFloats(ordered);
  dispose(ordered);
  return values;
};

/** Weights on the device for passes in inference mode, until `dispose`. */
export interface DeviceWeights {
  readonly pass: Pass;
  readonly precision: Precision;
  readonly dispose: () => void;
}

/** TensorFlow's convolutions take filters in the precision of the pass; own ones, and everything else, take float32. */
export const computeType = ({ role }: WeightSpec, precision: Precision): Precision =>
  !hasOwnKernels() && (role === 'filter' || role === 'convolutionBias') ? precision : 'float32';

/** Puts a state dict on the device. Throws Error for a weight that is not there: check it when it is loaded. */
export const inferenceWeights = (
  specs: readonly WeightSpec[],
  state: StateDict,
  precision: Precision,
): DeviceWeights => {
  const tensors = new Map<string, Tensor>();
  for (const spec of specs) {
    const held = state.get(spec.name);
    if (!held) throw new Error(`weight ${spec.name} is missing`);
    const tensor = scope(() => keep(cast(uploadWeight(spec, held), computeType(spec, precision))));
    tensors.set(spec.name, tensor);
  }
  return {
    precision,
    pass: inferencePass((name) => tensors.get(name)!),
    dispose: () => dispose(...tensors.values()),
  };
};

/** A pass with running statistics and without dropout. */
export const inferencePass = (weight: (name: string) => Tensor): Pass => ({
  weight,
  training: false,
  setStatistic: () => {
    throw new Error('statistics do not change in inference mode');
  },
  seed: [0, 0],
});
