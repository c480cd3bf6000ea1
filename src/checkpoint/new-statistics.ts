import type { StoredTensor } from '../formats/safetensors.ts';
import type { StateDict } from '../models/weights.ts';
import { isCounter } from './match-weights.ts';

/** Whether batch norm's statistics are those of a new network, and its scales or offsets are not: nothing was counted, and something was trained. */
export const hasNewStatistics = (weights: StateDict, stored: ReadonlyMap<string, StoredTensor>): boolean => {
  const norms = [...weights.keys()].flatMap((name) =>
    name.endsWith('.running_var') ? [name.replace(/running_var$/, '')] : [],
  );
  const isAll = (part: string, value: number): boolean =>
    norms.every((norm) => weights.get(norm + part)!.values.every((each) => each === value));
  const isCounted = [...stored].some(
    ([name, { bytes }]) => isCounter(name) && bytes.some((byte) => byte !== 0),
  );
  return (
    norms.length > 0 &&
    !isCounted &&
    isAll('running_mean', 0) &&
    isAll('running_var', 1) &&
    !(isAll('weight', 1) && isAll('bias', 0))
  );
};
