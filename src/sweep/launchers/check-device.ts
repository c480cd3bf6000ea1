import { spawnSync } from 'node:child_process';
import { z } from 'zod';
import { tf32NeedsCard } from '../../backend/precision.ts';
import { InputError } from '../../input-error.ts';
import { gcncDoctor, type RunCommand } from '../child-process.ts';
import type { PlannedRun } from '../plan.ts';

const findingsSchema = z.object({
  tensorflow: z.object({ device: z.enum(['cpu', 'gpu']).nullable(), error: z.string().nullable() }),
});

/**
 * Throws InputError where runs ask for a card and there is none, by their type, by GCNC_DEVICE or by the slot's card: once, before the first run. A process of its own looks, for TensorFlow
 * takes a second and memory of the card; where none of the runs asks for one there is no need to.
 */
export function checkDevice(
  runs: readonly PlannedRun[],
  slot: NodeJS.ProcessEnv,
  outer: NodeJS.ProcessEnv,
  [file, ...args]: RunCommand = gcncDoctor,
): void {
  const environment = { ...outer, ...slot };
  const asksTf32 = runs.some(({ spec }) => spec.config.training.precision === 'tf32');
  if (!asksTf32 && environment.GCNC_DEVICE !== 'gpu') return;
  const { stdout } = spawnSync(file!, args, { encoding: 'utf8', env: environment, stdio: 'pipe' });
  const findings = findingsSchema.safeParse(jsonOrNull(stdout));
  // What the look itself stumbles over the first run reports, with its log.
  if (!findings.success) return;
  const { device, error } = findings.data.tensorflow;
  if (error !== null)
    throw new InputError(
      slot.GCNC_DEVICE === 'gpu' ? error.replace(/^GCNC_DEVICE=gpu, and/, named(slot)) : error,
    );
  if (asksTf32 && device !== 'gpu') throw new InputError(tf32NeedsCard);
}

const named = ({ CUDA_VISIBLE_DEVICES: card }: NodeJS.ProcessEnv): string => `--gpus ${card}:`;

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
