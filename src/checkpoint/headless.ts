import { float32Tensor, type StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import type { Network } from '../models/network.ts';
import { type WeightSpec, weightSpecs } from '../models/weights.ts';
import { isCounter, someOf } from './match-weights.ts';

/**
 * The network's own tensors before its classifier; what is left out is said. Throws InputError for others beside them in the same modules:
 * those are of a deeper network, or of another form of it, and no head.
 */
export const onlyFeatures = (
  held: ReadonlyMap<string, StoredTensor>,
  network: Network,
  lastLayer: string,
  renamed: readonly string[],
  path: string,
) => {
  const own = new Set(weightSpecs(network).map(({ name }) => name));
  const isFeature = (name: string): boolean => own.has(name) && !name.startsWith(`${lastLayer}.`);
  const named = new Map([...held].filter(([name]) => isFeature(name)));
  const out = [...held.keys()].filter((name) => !isFeature(name) && !isCounter(name));
  const modules = new Set([...own].map(moduleOf));
  modules.delete(moduleOf(lastLayer));
  const inner = out.filter((name) => modules.has(moduleOf(name)));
  if (inner.length > 0)
    throw new InputError(
      `${path}: --headless leaves out heads, and these are within the features: ${someOf(inner)}; the weights are not this model's`,
    );
  return { named, renamed: [...renamed, ...(out.length > 0 ? [`left out: ${someOf(out)}`] : [])] };
};

/** The outermost module that a tensor is of, such as layer1. */
const moduleOf = (name: string): string => name.split('.', 1)[0]!;

/** A classifier of zeros for one class that no data has: loss, accuracy, NC3 and NC4 are then undefined. */
export const withoutClassifier = (
  stored: ReadonlyMap<string, StoredTensor>,
  name: string,
  specs: readonly WeightSpec[],
  path: string,
): ReadonlyMap<string, StoredTensor> => {
  if (stored.has(`${name}.bias`))
    throw new InputError(`${path}: ${name}.bias without ${name}.weight; give both, or neither`);
  const zeros = specs
    .filter((spec) => spec.name.startsWith(`${name}.`))
    .map(({ name: each, shape }) => {
      const size = shape.reduce((product, side) => product * side, 1);
      return [each, float32Tensor(shape, new Float32Array(size))] as const;
    });
  return new Map([...stored, ...zeros]);
};
