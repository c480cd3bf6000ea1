import { readdirSync, readFileSync, rmSync } from 'node:fs';
import {
  type Checkpoint,
  type CheckpointState,
  type EarlierClasses,
  readCheckpoint,
  readMomenta,
} from '../checkpoint/checkpoint.ts';
import { earlierClassesOf } from '../checkpoint/earlier-classes.ts';
import type { RunConfig } from '../config/schema.ts';
import type { Normalization, StudyData } from '../data/image-set.ts';
import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import type { Network } from '../models/network.ts';
import type { StateDict } from '../models/weights.ts';
import { startsAsMarked, truncateMetrics } from '../runs/metrics-file.ts';
import type { RunPaths } from '../runs/paths.ts';
import { atStart, type Standing } from '../training/loop.ts';
import { firstWeights } from './first-weights.ts';

/** Where a run begins or goes on: its weights, its momenta, and what is behind it. */
export interface StartingPoint {
  readonly standing: Standing;
  readonly weights: StateDict;
  readonly momenta: StateDict | null;
  /** What images are scaled with: the run goes on with what it began with. */
  readonly normalization: Normalization;
  /** What its first weights were trained on; null for those of a seed. */
  readonly earlierClasses: EarlierClasses | null;
  /** The checkpoint that it goes on from; null at the beginning. */
  readonly checkpoint: Checkpoint | null;
}

/**
 * The last checkpoint that is whole and whose metrics are still in metrics.jsonl; a damaged one is passed over for the one
 * before, and at last for the beginning, with a warning: the run is the same, only longer. metrics.jsonl is cut back to it.
 */
export const startingPoint = (
  paths: RunPaths,
  config: RunConfig,
  network: Network,
  data: StudyData,
): StartingPoint => {
  for (const step of checkpointSteps(paths).reverse()) {
    const found = resumable(paths, step, data);
    if (!found) continue;
    truncateMetrics(paths.metrics, found.checkpoint.state.metrics);
    return {
      standing: standingOf(found.checkpoint.state),
      weights: found.checkpoint.weights,
      momenta: found.momenta,
      normalization: found.checkpoint.state.normalization,
      earlierClasses: config.model.weights === undefined ? null : earlierClassesOf(found.checkpoint),
      checkpoint: found.checkpoint,
    };
  }
  truncateMetrics(paths.metrics, { bytes: 0 });
  return { standing: atStart, ...firstWeights(config, network, data), momenta: null, checkpoint: null };
};

const standingOf = ({ epoch, step, running, pathSquaredNorm = null }: CheckpointState): Standing => ({
  epoch,
  step,
  running: {
    ...running,
    gradientSquaredNorm: running.gradientSquaredNorm ?? (running.examples === 0 ? 0 : null),
  },
  pathSquaredNorm,
});

/** Steps of the checkpoints in a run's folder, ascending. */
export const checkpointSteps = (paths: RunPaths): number[] => {
  try {
    return readdirSync(paths.checkpoints)
      .filter((name) => /^\d+$/.test(name))
      .map(Number)
      .sort((a, b) => a - b);
  } catch {
    return [];
  }
};

/**
 * Steps of the checkpoints that stops made; one may outlive its successor where the run was killed between the two. Where that
 * cannot be read, those after the step that the run goes on from: what they should be is made again.
 */
export const stopCheckpoints = (paths: RunPaths, from: number): number[] =>
  checkpointSteps(paths).filter((step) => {
    try {
      return JSON.parse(readFileSync(paths.checkpoint(step).state, 'utf8')).scheduled === false;
    } catch {
      return step > from;
    }
  });

/** Deletes checkpoints that stops made, once a later one stands. */
export const removeStopCheckpoints = (paths: RunPaths, stops: readonly number[]): void => {
  for (const step of stops) rmSync(paths.checkpoint(step).folder, { recursive: true, force: true });
};

const resumable = (
  paths: RunPaths,
  step: number,
  data: StudyData,
): { checkpoint: Checkpoint; momenta: StateDict | null } | null => {
  let checkpoint: Checkpoint;
  let momenta: StateDict | null;
  try {
    checkpoint = readCheckpoint(paths.checkpoint(step).folder);
    // Nothing is trained after a final checkpoint, which may come from another machine without its momenta.
    momenta = checkpoint.state.final ? null : readMomenta(checkpoint);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    passedOver(error.message);
    return null;
  }
  const { dataChecksum, metrics } = checkpoint.state;
  if (dataChecksum !== data.checksum)
    throw new InputError(
      `${checkpoint.folder}: was trained on other data (checksum ${dataChecksum?.slice(0, 12)}, now ${data.checksum.slice(0, 12)}); put the old data back, or start over with --force`,
    );
  if (startsAsMarked(paths.metrics, metrics)) return { checkpoint, momenta };
  passedOver(`${checkpoint.folder}: metrics.jsonl is no longer what it was when this was written`);
  return null;
};

const passedOver = (why: string): void =>
  diagnostics.warn(`${why}; passed over, and its steps are trained again`);
