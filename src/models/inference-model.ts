import { type DeviceWeights, inferenceWeights, type Precision } from './device-weights.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import type { Network } from './network.ts';
import { type StateDict, weightSpecs } from './weights.ts';

/** A network on the device for inference, batch norm folded into its convolutions; `dispose` ends it. */
export interface InferenceModel extends DeviceWeights {
  readonly network: Network;
  /**
   * The same in float32, for the point around which derivatives are taken: in bfloat16 the rounding of activations flips masks of
   * ReLUs, which lowers the Jacobian's norm by a percent or two; rounding in the products alone does not.
   */
  readonly primal: DeviceWeights;
}

/** Folds batch norm and puts the weights on the device. */
export const inferenceModel = (network: Network, state: StateDict, precision: Precision): InferenceModel => {
  const folded = foldBatchNorm(network, state);
  const weightsIn = (type: Precision) => inferenceWeights(weightSpecs(folded.network), folded.state, type);
  const weights = weightsIn(precision);
  if (precision === 'float32') return { network: folded.network, ...weights, primal: weights };
  const primal = weightsIn('float32');
  const dispose = (): void => {
    weights.dispose();
    primal.dispose();
  };
  return { network: folded.network, ...weights, primal, dispose };
};
