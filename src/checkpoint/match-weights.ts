import { printable } from '../formats/printable.ts';
import { type StoredTensor, toFloat32 } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import type { StateDict, WeightSpec } from '../models/weights.ts';

/**
 * The weights that a network needs, out of what a file holds. Throws InputError of one line that names tensors that are missing, left
 * over, of another shape or whole numbers (quantised weights, whose scale is elsewhere), values that are not finite, and negative variances.
 */
export const matchWeights = (
  specs: readonly WeightSpec[],
  stored: ReadonlyMap<string, StoredTensor>,
  path: string,
): StateDict => {
  const known = new Set(specs.map(({ name }) => name));
  const missing = specs.filter(({ name }) => !stored.has(name)).map(({ name }) => name);
  const extra = [...stored.keys()].filter((name) => !known.has(name) && !isCounter(name));
  const misshapen = specs.flatMap(({ name, shape }) => {
    const held = stored.get(name);
    return held && String(held.shape) !== String(shape)
      ? [`${name} is [${held.shape.slice(0, 8)}], not [${shape}]`]
      : [];
  });
  const whole = specs.flatMap(({ name }) => {
    const { dtype } = stored.get(name) ?? { dtype: 'F32' };
    return dtype.includes('F') ? [] : [`${name} (${dtype})`];
  });
  const faults = [
    ...(missing.length > 0 ? [`missing: ${someOf(missing)}`] : []),
    ...(extra.length > 0 ? [`not of this model: ${someOf(extra)}`] : []),
    ...(misshapen.length > 0 ? [`of another shape: ${someOf(misshapen)}`] : []),
    ...(whole.length > 0 ? [`whole numbers, not floats: ${someOf(whole)}`] : []),
  ];
  if (faults.length > 0)
    throw new InputError(`${path}: the weights are not this model's; ${faults.join('; ')}`);
  return new Map(
    specs.map((spec) => {
      const values = toFloat32(stored.get(spec.name)!);
      if (!values.every(Number.isFinite))
        throw new InputError(`${path}: ${spec.name} holds values that are not finite`);
      if (spec.name.endsWith('.running_var') && values.some((value) => value < 0))
        throw new InputError(`${path}: ${spec.name} holds a negative variance, which no training gives`);
      return [spec.name, { shape: spec.shape, values }];
    }),
  );
};

/** PyTorch's count of a batch norm's batches. */
export const isCounter = (name: string): boolean => name.endsWith('.num_batches_tracked');

/** A few names for a line, and how many more there are. */
export const someOf = (names: readonly string[]): string =>
  `${names
    .slice(0, 4)
    .map((name) => printable(name))
    .join(', ')}${names.length > 4 ? ` and ${names.length - 4} more` : ''}`;
