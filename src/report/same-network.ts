import { canonicalJson } from '../files/canonical-json.ts';
import type { CheckpointLine } from '../pipeline/records.ts';
import type { PlainRecord } from './flat-config.ts';

/** A run that is done, with the checkpoint at its end. */
interface Ended {
  readonly final: Pick<CheckpointLine, 'step' | 'epoch'>;
}

/** Whether a dotted key may train another network: the other keys say how, and after which steps, a network is looked at. */
export const isOfTraining = (key: string): boolean =>
  !/^(measure|fewshot|training\.checkpointEvery)(\.|$)/.test(key);

/**
 * One text for one trained network but for its seed, of a config that is nested or has dotted keys. Batches that hold all training images
 * are one batch, whatever size was asked for.
 */
export function networkTrainedBy(config: PlainRecord, finished: readonly Ended[]): string {
  const { seed: _, ...keys } = Object.fromEntries(dotted(config, '').filter(([key]) => isOfTraining(key)));
  return canonicalJson(takesWholeSet(finished) ? { ...keys, 'training.batchSize': 'whole' } : keys);
}

/** One step per epoch: the batch holds all training images, and a larger one is the same. */
const takesWholeSet = (finished: readonly Ended[]): boolean =>
  finished.length > 0 && finished.every(({ final }) => final.step > 0 && final.step === final.epoch);

/** An empty mapping stays: it switches on what has defaults, such as `data.resizedCrop`. */
const dotted = (record: PlainRecord, prefix: string): readonly (readonly [string, unknown])[] =>
  Object.entries(record).flatMap(([name, value]) =>
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
      ? dotted(value as PlainRecord, `${prefix}${name}.`)
      : [[prefix + name, value] as const],
  );
