import type { NativeBinding } from '../../src/backend/load.ts';
import type { TracedCall } from './op-trace.ts';

/**
 * TensorFlow's fused batch norm keeps something for its gradient that each kind of device chooses: on a processor the batch's variance, on a card
 * the inverse of its root, and a scratch of any size. Neither is a result.
 */
const [forward, backward] = ['FusedBatchNormV3', 'FusedBatchNormGradV3'] as const;

/** How many of a call's outputs are results that gcnc uses, the first ones. */
export const resultCount = ({ op, attributes, outputs }: TracedCall): number => {
  if (op === backward) return 3;
  if (op !== forward) return outputs.length;
  return attributes.some(({ name, value }) => name === 'is_training' && value === true) ? 3 : 1;
};

/** What this process's device keeps for the gradient `call`, whose operands are `ids`; nothing for another op. The caller deletes it. */
export const ownReserves = (
  binding: NativeBinding,
  { op, attributes }: TracedCall,
  ids: readonly number[],
): number[] => {
  if (op !== backward) return [];
  const [, x, scale] = ids as [number, number, number];
  const factor = { name: 'exponential_avg_factor', type: binding.TF_ATTR_FLOAT, value: 0.5 };
  const made = binding.executeOp(forward, [...attributes, factor], [x, scale, scale, scale, scale], 6);
  for (const { id } of made.slice(0, 3)) binding.deleteTensor(id);
  return made.slice(3).map(({ id }) => id);
};
