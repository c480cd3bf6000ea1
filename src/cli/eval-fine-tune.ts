import { fineTuneDefaults } from '../config/fewshot-schema.ts';
import type { EpisodeList } from '../fewshot/episodes.ts';
import type { EvalInput, Evaluated } from '../fewshot/eval-record.ts';
import { fineTuneText } from '../fewshot/fine-tune/cost.ts';
import { InputError } from '../input-error.ts';
import type { EvalFlags } from './eval-options.ts';

/** What fine-tuning cannot go with. Throws InputError. */
export function checkFineTune(path: string, { readout, augment, dryRun, layer }: EvalFlags): void {
  if (!readout.includes('fine-tune')) {
    if (dryRun)
      throw new InputError('--dry-run: says what --readout fine-tune costs, which is not asked for');
    return;
  }
  if (path.endsWith('.npz'))
    throw new InputError(
      `--readout fine-tune: needs images, and ${path} holds embeddings; give a checkpoint`,
    );
  if (readout.length === 1)
    throw new InputError(
      '--readout fine-tune: name another readout beside it, such as nearest-mean,fine-tune',
    );
  if (augment !== undefined || layer !== 'embedding')
    throw new InputError(
      '--readout fine-tune: trains the whole network on the images as they are; leave --augment and --layer out',
    );
}

const fineTuneRequest = (
  { shots, steps, headRate, bodyRate, seed, fineTuneEpisodes }: EvalFlags,
  isTest: Uint8Array | null,
) => ({
  ...{ shots, steps, headRate, bodyRate, seed, isTest },
  episodes: fineTuneEpisodes,
  batchSize: fineTuneDefaults.batchSize,
});

/** The evaluation with the fine-tuned network beside the frozen one's readouts. */
export async function fineTuned(path: string, flags: EvalFlags, { isTest }: EvalInput, evaluated: Evaluated) {
  const { withFineTune } = await import('../on-request/fine-tune-checkpoint.ts');
  const { openCheckpoint, openCheckpointSet } = await import('../on-request/checkpoint-set.ts');
  const checkpoint = openCheckpoint(path);
  const set = await openCheckpointSet(checkpoint, flags, process.env, 'target');
  return withFineTune(checkpoint, set, evaluated, fineTuneRequest(flags, isTest));
}

/** `--dry-run`. */
export async function showCost(path: string, flags: EvalFlags, list: EpisodeList | undefined): Promise<void> {
  const { fineTunePlan } = await import('../on-request/fine-tune-checkpoint.ts');
  const { openCheckpoint, openCheckpointSet } = await import('../on-request/checkpoint-set.ts');
  const checkpoint = openCheckpoint(path);
  const set = await openCheckpointSet(checkpoint, flags, process.env, 'target');
  const { ways, queries, episodes, disjoint } = flags;
  const asked = { ways, queries, episodes, disjoint, list };
  const cost = fineTunePlan(checkpoint, set, asked, fineTuneRequest(flags, null));
  process.stdout.write(flags.json ? `${JSON.stringify(cost)}\n` : `${fineTuneText(cost)}\n`);
}
