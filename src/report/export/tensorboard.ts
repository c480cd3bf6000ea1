import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../files/atomic.ts';
import { pathInside } from '../../files/path-inside.ts';
import { aggregate, type Results } from '../aggregate.ts';
import { flatten } from '../flat-config.ts';
import type { ReadRun, ReadSweep } from '../read-runs.ts';
import { checkpointScalars, epochScalars } from './checkpoint-values.ts';
import { stepTimes } from './step-times.ts';
import {
  experimentEvent,
  type Hyperparameter,
  scalarsEvent,
  sessionEndEvent,
  sessionStartEvent,
  type sessionStatus,
  versionEvent,
} from './tensorboard-events.ts';

/** Always the same name: TensorBoard joins the files of a folder, and would show an earlier export's numbers beside. */
const fileName = 'events.out.tfevents.0000000000.gcnc';
/** What the HPARAMS page shows of the splits; few-shot accuracies come after. */
const shown = ['sourceTest/accuracy', 'sourceTrain/geometricComplexity', 'target/cdnv', 'target/nc1'];

/**
 * Writes a TensorBoard log folder: one event file per run with its scalars and hyperparameters, and one in the folder itself
 * that describes the experiment. Written again, it holds the new state and nothing twice. Returns the folders written.
 */
export function writeTensorBoard(sweep: ReadSweep, folder: string): readonly string[] {
  const results = aggregate(sweep);
  const started = sweep.runs.filter(({ state }) => state !== 'pending');
  const first = Math.min(...started.map(startSeconds), Date.now() / 1000);
  writeEvents(folder, [
    versionEvent(first),
    experimentEvent(first, variedValues(results), metricsShown(sweep)),
  ]);
  removeOthers(folder, new Set(started.map(({ name }) => name)));
  return started.map((run) => {
    const path = dirname(pathInside(folder, run.name, fileName));
    writeEvents(path, runEvents(run, results.variedKeys));
    return path;
  });
}

/** What an earlier export wrote of runs that are no longer in the sweep, such as an attempt that --force replaced: by our own file's name. */
function removeOthers(folder: string, kept: ReadonlySet<string>): void {
  for (const entry of readdirSync(folder, { withFileTypes: true }))
    if (entry.isDirectory() && !kept.has(entry.name))
      rmSync(join(folder, entry.name, fileName), { force: true });
}

/** Accuracies of epochs and checkpoints are at their own steps; NaN and undefined values are left out. */
function runEvents(run: ReadRun, variedKeys: readonly string[]): readonly Uint8Array[] {
  const timeOf = stepTimes(run);
  const start = startSeconds(run);
  const end = run.heartbeat === null ? start : Date.parse(run.heartbeat) / 1000;
  const epochs = run.epochs.map((line) => ({ step: line.step, scalars: epochScalars(line) }));
  const checkpoints = run.checkpoints.map((line) => ({ step: line.step, scalars: checkpointScalars(line) }));
  return [
    versionEvent(start),
    sessionStartEvent(start, run.name, hyperparametersOf(run, [...variedKeys, 'seed'])),
    ...[...epochs, ...checkpoints]
      .filter(({ scalars }) => scalars.length > 0)
      .toSorted((a, b) => a.step - b.step)
      .map(({ step, scalars }) => scalarsEvent(timeOf(step) / 1000, step, scalars)),
    sessionEndEvent(end, statusOf(run)),
  ];
}

function statusOf({ state }: ReadRun): keyof typeof sessionStatus {
  if (state === 'done') return 'success';
  if (state === 'failed') return 'failure';
  return state === 'running' ? 'running' : 'unknown';
}

const startSeconds = ({ start }: ReadRun): number => (start === null ? 0 : Date.parse(start) / 1000);

function hyperparametersOf({ config }: ReadRun, keys: readonly string[]): Record<string, Hyperparameter> {
  const values = flatten(config ?? {});
  const known = keys.flatMap((key) => {
    const value = values[key];
    return value === undefined || value === null ? [] : [[key, asHyperparameter(value)] as const];
  });
  return Object.fromEntries(known);
}

function variedValues({ sweep, variedKeys }: Results): ReadonlyMap<string, readonly Hyperparameter[]> {
  const all = sweep.runs.map((run) => hyperparametersOf(run, [...variedKeys, 'seed']));
  return new Map(
    [...variedKeys, 'seed'].map((key) => [key, [...new Set(all.flatMap((values) => values[key] ?? []))]]),
  );
}

const asHyperparameter = (value: unknown): Hyperparameter =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? value
    : JSON.stringify(value);

function metricsShown({ runs }: ReadSweep): readonly { readonly tag: string; readonly title: string }[] {
  const scalars = runs.flatMap(({ checkpoints }) => checkpoints.flatMap(checkpointScalars));
  const tags = new Set(scalars.map(({ tag }) => tag));
  const fewshot = [...tags].filter((tag) => tag.startsWith('fewshot_'));
  return [...shown.filter((tag) => tags.has(tag)), ...fewshot].map((tag) => ({
    tag,
    title: tag.replace('/', ' ').replaceAll('_', ' '),
  }));
}

function writeEvents(folder: string, records: readonly Uint8Array[]): void {
  mkdirSync(folder, { recursive: true });
  writeFileAtomic(join(folder, fileName), Buffer.concat(records));
}
