import type { RunConfig } from '../config/schema.ts';
import type { Standing, TrainingEvent } from '../training/loop.ts';

/** Whether the config asks for a checkpoint after this step; it always does for one at the end of training. */
export const isScheduled = (
  { training: { checkpointEvery } }: RunConfig,
  {
    kind,
    standing: { epoch, step },
    final,
  }: Pick<TrainingEvent, 'kind' | 'final'> & { readonly standing: Standing },
): boolean => {
  if (final) return true;
  if (checkpointEvery.steps !== undefined) return step % checkpointEvery.steps === 0;
  return kind === 'epoch' && epoch % (checkpointEvery.epochs ?? 1) === 0;
};
