import { sizeOf } from '../backend/tensor.ts';
import { episodeSets, fineTuneDefaults } from '../config/fewshot-schema.ts';
import type { RunConfig } from '../config/schema.ts';
import { type FineTuneCost, fineTuneCost } from '../fewshot/fine-tune/cost.ts';
import { makeNetwork } from '../models/models.ts';
import type { Network } from '../models/network.ts';
import { isTrained, weightSpecs } from '../models/weights.ts';
import { dataKey, type StudySize, type StudySizes } from './check-inputs.ts';

const bytesOfFloat32 = 4;

/** What a run will take; null where it cannot be known without its data or model. */
export interface RunEstimate {
  readonly steps: number | null;
  readonly diskBytes: number | null;
  /** Of the readout `fine-tune`; null where the run has none. */
  readonly fineTune: FineTuneCost | null;
}

/** Steps of a run, and the bytes of its checkpoints: weights and, where there is momentum, as much again. */
export function estimateRun(config: RunConfig, sizes: StudySizes): RunEstimate {
  const size = sizes.get(dataKey(config)) ?? null;
  if (size === null) return { steps: null, diskBytes: null, fineTune: null };
  const { epochs, batchSize, checkpointEvery, momentum } = config.training;
  const stepsAnEpoch = Math.ceil(size.trainExamples / batchSize);
  const steps = epochs * stepsAnEpoch;
  const every = checkpointEvery.steps ?? (checkpointEvery.epochs ?? 1) * stepsAnEpoch;
  const checkpoints = Math.max(1, Math.ceil(steps / every));
  const network = makeNetwork(config.model, size.imageShape, size.classNames.length);
  const bytes = weightSpecs(network).reduce((total, spec) => {
    const values = sizeOf(spec.shape);
    return total + values * bytesOfFloat32 * (momentum > 0 && isTrained(spec) ? 2 : 1);
  }, 0);
  const measured = config.measure.every === 'end' ? 1 : checkpoints;
  return { steps, diskBytes: checkpoints * bytes, fineTune: fineTuneOf(config, size, network, measured) };
}

/** Of all checkpoints that are measured, on all targets; null where the config does not fine-tune. */
function fineTuneOf(
  { fewshot }: RunConfig,
  { sets }: StudySize,
  network: Network,
  measured: number,
): FineTuneCost | null {
  if (!fewshot.readouts.includes('fine-tune')) return null;
  const { episodes, ...options } = fewshot.fineTune ?? fineTuneDefaults;
  const times = measured * Math.min(episodes, fewshot.episodes);
  const fits = episodeSets(fewshot).flatMap((target) => {
    const classes = sets.get(target)?.classNames.length;
    if (classes === undefined) return [];
    const ways = fewshot.ways === 'all' ? classes : fewshot.ways;
    return fewshot.shots.map((shots) => ({
      ...{ times, supports: ways * shots, queries: ways * fewshot.queries },
    }));
  });
  return fineTuneCost(network, fits, options);
}
