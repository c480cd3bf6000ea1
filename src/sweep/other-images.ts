import type { RunConfig } from '../config/schema.ts';
import { InputError } from '../input-error.ts';
import { recordedChecksum } from '../runs/provenance.ts';
import type { PlannedRun } from './plan.ts';

/**
 * Throws InputError where a run that is done was trained on other images than the name means now: runs to come would count as
 * further seeds of it. A run that is to go on compares its own checkpoint.
 */
export function refuseOtherImages(
  runs: readonly Pick<PlannedRun, 'name' | 'folder' | 'toDo' | 'standing' | 'spec'>[],
  checksumNow: (config: RunConfig) => string | null,
): void {
  if (!runs.some(({ toDo }) => toDo)) return;
  for (const { name, folder, standing, spec } of runs) {
    if (standing.state !== 'done') continue;
    const [then, now] = [recordedChecksum(folder), checksumNow(spec.config)];
    if (then === null || now === null || then === now) continue;
    throw new InputError(
      `data.name: ${spec.config.data.name} holds other images than when ${name} was trained (checksum ${then.slice(0, 12)}, now ${now.slice(0, 12)}); put these back, take another name or --out for the sweep, or train all anew with --force`,
    );
  }
}
