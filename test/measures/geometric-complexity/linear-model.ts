import { inferenceWeights } from '../../../src/models/device-weights.ts';
import type { InferenceModel } from '../../../src/models/inference-model.ts';
import type { Network } from '../../../src/models/network.ts';
import { weightSpecs } from '../../../src/models/weights.ts';
import { uniform } from '../../models/formula.ts';

const side = 4;

/** f(x) = W x + b on flattened images of 4 x 4 pixels, and ||W||_F^2 with a factor on each channel's columns. */
export const linearModel = (
  channels = 3,
  features = 5,
): {
  readonly model: InferenceModel;
  readonly squaredNorm: (factors: readonly number[]) => number;
} => {
  const inputs = side * side * channels;
  const network: Network = {
    nodes: [
      { layer: { kind: 'flatten' }, inputs: [-1] },
      { layer: { kind: 'linear', name: 'map', inFeatures: inputs, outFeatures: features }, inputs: [0] },
    ],
    imageShape: [side, side, channels],
    shapes: [[inputs], [features]],
    outputs: { embedding: 1 },
  };
  const matrix = uniform('matrix', features * inputs);
  const state = new Map([
    ['map.weight', { shape: [features, inputs], values: matrix }],
    ['map.bias', { shape: [features], values: uniform('offset', features) }],
  ]);
  const weights = inferenceWeights(weightSpecs(network), state, 'float32');
  return {
    model: { ...weights, network, primal: { ...weights, network } },
    // Flattening puts channels first: columns of a channel are next to each other.
    squaredNorm: (factors) =>
      matrix.reduce(
        (sum, value, i) => sum + factors[Math.floor((i % inputs) / (side * side))]! * value ** 2,
        0,
      ),
  };
};
