import { sizeOf } from '../backend/tensor.ts';
import { hashName, normal, type RandomStream, randomStream } from '../random/random.ts';
import type { Network } from './network.ts';
import { type StateDict, type WeightSpec, weightSpecs } from './weights.ts';

const purpose = hashName('initialisation');

const uniform = (size: number, bound: number, random: RandomStream): Float32Array =>
  Float32Array.from({ length: size }, () => random.between(-bound, bound));

/**
 * Initial weights as a function of the seed and the weight's name, distributed as torchvision's: filters normal with
 * variance 2 / (out k k) (He et al. 2015, eq. 10, fan out), their biases 0; linear layers as each says; batch norm 1 and 0.
 */
export const initialWeights = (network: Network, seed: number): StateDict => {
  const layers = new Map(
    network.nodes.flatMap(({ layer }) => (layer.kind === 'linear' ? [[layer.name, layer] as const] : [])),
  );
  const valuesOf = ({ name, shape, role }: WeightSpec): Float32Array => {
    const random = randomStream(purpose, seed, hashName(name));
    const size = sizeOf(shape);
    switch (role) {
      case 'filter':
        return normal(size, Math.sqrt(2 / (shape[0]! * shape[2]! * shape[3]!)), random);
      case 'matrix':
      case 'bias': {
        const { initial, inFeatures } = layers.get(name.slice(0, name.lastIndexOf('.')))!;
        if (initial !== 'normal') return uniform(size, 1 / Math.sqrt(inFeatures), random);
        return role === 'matrix' ? normal(size, 0.01, random) : new Float32Array(size);
      }
      case 'scale':
      case 'runningVariance':
        return new Float32Array(size).fill(1);
      default:
        return new Float32Array(size);
    }
  };
  return new Map(
    weightSpecs(network).map((spec) => [spec.name, { shape: spec.shape, values: valuesOf(spec) }]),
  );
};
