import type { CheckpointLine } from '../pipeline/records.ts';
import { firstNames } from './first-names.ts';
import type { Quantity } from './quantities.ts';

/** A run with the checkpoint whose values are shown. */
export interface ShownRun {
  readonly name: string;
  readonly checkpoint: CheckpointLine;
}

/**
 * Accuracies that stand on fits that ended before their minimum, one line each. A fine-tuning that ended in NaN predicts its first
 * class always: its accuracy is chance, and nothing but the count tells it from a network that does not transfer.
 */
export function unconvergedFits(
  quantities: readonly Quantity[],
  shown: readonly ShownRun[],
): readonly string[] {
  return quantities.flatMap(({ label, readFits }) => {
    const known = shown.flatMap(({ name, checkpoint }) => {
      const found = readFits?.(checkpoint) ?? null;
      return found === null ? [] : [{ name, ...found }];
    });
    const stopped = known.filter(({ unconverged }) => unconverged > 0);
    if (stopped.length === 0) return [];
    const sum = (of: 'fits' | 'unconverged'): number => known.reduce((total, each) => total + each[of], 0);
    const which = firstNames(
      stopped.map(({ name }) => name),
      3,
    );
    return [`${label}: ${sum('unconverged')} of ${sum('fits')} fits not converged (${which})`];
  });
}
