import type { RunConfig } from '../config/schema.ts';
import type { StudyData } from '../data/image-set.ts';
import { stepsPerEpoch } from '../training/batches.ts';
import type { Standing } from '../training/loop.ts';
import type { Progress, RunOptions } from './run-one-contract.ts';

/** Tells whoever watches a run where it stands, and what is known of it. */
export const tellProgress = (
  {
    config: { training },
    data,
    options,
  }: { readonly config: RunConfig; readonly data: StudyData; readonly options: RunOptions },
  kind: Progress['kind'],
  { epoch, step }: Standing,
  known: Partial<Pick<Progress, 'loss' | 'accuracy' | 'imagesPerSecond'>> = {},
): void => {
  const { epochs, batchSize } = training;
  const steps = epochs * stepsPerEpoch(data.sourceTrain.labels.length, batchSize);
  const unknown = { loss: null, accuracy: null, imagesPerSecond: null };
  options.onProgress({ kind, epoch, epochs, step, steps, ...unknown, ...known });
};
