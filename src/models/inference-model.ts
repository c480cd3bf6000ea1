import type { Precision } from '../backend/precision.ts';
import { type DeviceWeights, inferenceWeights } from './device-weights.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import { fuseActivations } from './fuse-activations.ts';
import type { Network } from './network.ts';
import { type StateDict, weightSpecs } from './weights.ts';

/** A network on the device for inference, batch norm folded and ReLUs fused into its convolutions; `dispose` ends it. */
export interface NetworkOnDevice extends DeviceWeights {
  readonly network: Network;
}

/** A network whose embeddings and derivatives are asked for. */
export interface InferenceModel extends NetworkOnDevice {
  /**
   * The same in float32, for embeddings and for the point around which derivatives are taken: in bfloat16 the rounding of activations flips masks of
   * ReLUs, which lowers the Jacobian's norm by a percent or two; rounding in the products alone does not.
   */
  readonly primal: NetworkOnDevice;
}

/** Folds batch norm and puts the weights on the device. */
export const networkOnDevice = (
  network: Network,
  state: StateDict,
  precision: Precision,
): NetworkOnDevice => {
  const folded = foldBatchNorm(network, state);
  const weights = inferenceWeights(weightSpecs(folded.network), folded.state, precision);
  return { network: fuseActivations(folded.network), ...weights };
};

/** As `networkOnDevice`, in float32 and, where that is another, in the precision of the products. */
export const inferenceModel = (network: Network, state: StateDict, precision: Precision): InferenceModel => {
  const model = networkOnDevice(network, state, precision);
  if (precision === 'float32') return { ...model, primal: model };
  const primal = networkOnDevice(network, state, 'float32');
  const dispose = (): void => {
    model.dispose();
    primal.dispose();
  };
  return { ...model, primal, dispose };
};
