import type { StateDict } from './weights.ts';

/** A weight's name and its first value that is NaN or infinite; null where all are finite. */
export const firstNotFinite = (
  state: StateDict,
): { readonly name: string; readonly value: number } | null => {
  for (const [name, { values }] of state) {
    const value = values.find((each) => !Number.isFinite(each));
    if (value !== undefined) return { name, value };
  }
  return null;
};
