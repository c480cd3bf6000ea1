import { type DeviceWeights, inferenceWeights, type Precision } from './device-weights.ts';
import { foldBatchNorm } from './fold-batch-norm.ts';
import type { Network } from './network.ts';
import { type StateDict, weightSpecs } from './weights.ts';

/** A network on the device for inference, batch norm folded into its convolutions; `dispose` ends it. */
export interface InferenceModel extends DeviceWeights {
  readonly network: Network;
}

/** Folds batch norm and puts the weights on the device. */
export const inferenceModel = (network: Network, state: StateDict, precision: Precision): InferenceModel => {
  const folded = foldBatchNorm(network, state);
  return {
    network: folded.network,
    ...inferenceWeights(weightSpecs(folded.network), folded.state, precision),
  };
};
