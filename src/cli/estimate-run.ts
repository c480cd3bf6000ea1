import { sizeOf } from '../backend/tensor.ts';
import type { RunConfig } from '../config/schema.ts';
import { makeNetwork } from '../models/models.ts';
import { isTrained, weightSpecs } from '../models/weights.ts';
import type { RunEstimate } from '../sweep/dry-run.ts';
import { dataKey, type StudySizes } from './check-inputs.ts';

const bytesOfFloat32 = 4;

/** Steps of a run, and the bytes of its checkpoints: weights and, where there is momentum, as much again. */
export async function estimateRun(config: RunConfig, sizes: StudySizes): Promise<RunEstimate> {
  const size = sizes.get(dataKey(config)) ?? null;
  if (size === null) return { steps: null, diskBytes: null };
  const { epochs, batchSize, checkpointEvery, momentum } = config.training;
  const stepsAnEpoch = Math.ceil(size.trainExamples / batchSize);
  const steps = epochs * stepsAnEpoch;
  const every = checkpointEvery.steps ?? (checkpointEvery.epochs ?? 1) * stepsAnEpoch;
  const checkpoints = Math.max(1, Math.ceil(steps / every));
  const bytes = weightSpecs(makeNetwork(config.model, size.imageShape, size.classes)).reduce(
    (total, spec) => {
      const values = sizeOf(spec.shape);
      return total + values * bytesOfFloat32 * (momentum > 0 && isTrained(spec) ? 2 : 1);
    },
    0,
  );
  return { steps, diskBytes: checkpoints * bytes };
}
