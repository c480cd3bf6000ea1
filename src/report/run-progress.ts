import { runPaths } from '../runs/paths.ts';
import { readRunLog } from '../runs/run-log.ts';
import { flatten } from './flat-config.ts';
import type { ReadRun } from './read-runs.ts';

/** How far a run is. Null where its records do not say. */
export interface RunProgress {
  readonly epoch: number;
  readonly ofEpochs: number | null;
  /** Mean training loss of each epoch so far, nat. */
  readonly losses: readonly number[];
  /** Of training, since the last checkpoint. */
  readonly imagesPerSecond: number | null;
  /** Training that is left at that rate, in seconds; measuring is not in it. */
  readonly secondsLeft: number | null;
}

/** What a run's records say of how far it is; reads log.jsonl for the rate, which metrics.jsonl does not hold. */
export function progressOf(run: ReadRun): RunProgress {
  const config = flatten(run.config ?? {});
  const [epochs, batchSize] = [config['training.epochs'], config['training.batchSize']];
  const last = run.epochs.at(-1);
  const log = readRunLog(runPaths(run.folder).log);
  const told = log.findLast(({ imagesPerSecond: rate }) => rate !== null && rate > 0);
  const imagesPerSecond = told?.imagesPerSecond ?? null;
  const ofEpochs = typeof epochs === 'number' ? epochs : null;
  const canSay = last !== undefined && ofEpochs !== null && typeof batchSize === 'number';
  const perEpoch = canSay ? (told?.images ?? (last.step * (batchSize as number)) / last.epoch) : null;
  const images = perEpoch === null ? null : (ofEpochs! - last!.epoch) * perEpoch;
  return {
    epoch: last?.epoch ?? 0,
    ofEpochs,
    losses: run.epochs.flatMap(({ trainLoss }) => trainLoss ?? []),
    imagesPerSecond,
    secondsLeft: images === null || imagesPerSecond === null ? null : images / imagesPerSecond,
  };
}
