import { InputError } from '../input-error.ts';
import { recordedChecksum } from '../runs/provenance.ts';
import { dataKey, type StudySizes } from './check-inputs.ts';
import type { PlannedRun } from './plan.ts';

/**
 * Throws InputError where a run that is done was trained on other images than the name means now: runs to come would count as
 * further seeds of it. A run that is to go on compares its own checkpoint.
 */
export function refuseOtherImages(
  runs: readonly Pick<PlannedRun, 'name' | 'folder' | 'toDo' | 'found' | 'spec'>[],
  sizes: StudySizes,
): void {
  if (!runs.some(({ toDo }) => toDo)) return;
  for (const { name, folder, found, spec } of runs) {
    if (found.state !== 'done') continue;
    const [then, now] = [recordedChecksum(folder), sizes.get(dataKey(spec.config))?.checksum ?? null];
    if (then === null || now === null || then === now) continue;
    throw new InputError(
      `data.name: ${spec.config.data.name} holds other images than when ${name} was trained (checksum ${then.slice(0, 12)}, now ${now.slice(0, 12)}); put these back, take another name or --out for the sweep, or train all anew with --force`,
    );
  }
}
