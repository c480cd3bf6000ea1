import { setTimeout as sleep } from 'node:timers/promises';
import { type RunEnd, reasonOf, recordFailure } from '../pipeline/run-in-folder.ts';
import type { Progress } from '../pipeline/run-one-contract.ts';
import { stateOf } from '../runs/status.ts';
import type { Display } from './display.ts';
import { type PlannedRun, prepareRun, type RunResult } from './plan.ts';

/** How a run's process ended; `killed` is an end by a signal: the run may go on from its checkpoint. */
export type ProcessEnd = RunEnd | { readonly outcome: 'killed'; readonly reason: string };

export interface RunHandle {
  readonly ended: Promise<ProcessEnd>;
  /** Asks for a checkpoint and an end. */
  readonly stop: () => void;
  readonly kill: () => void;
}

export type StartRun = (
  folder: string,
  environment: NodeJS.ProcessEnv,
  onProgress: (progress: Progress) => void,
) => RunHandle;

export interface ScheduleOptions {
  readonly start: StartRun;
  /** One entry a job at a time: what its process finds in its environment. */
  readonly slots: readonly NodeJS.ProcessEnv[];
  /** How often a run that a signal ended is started again. */
  readonly retries: number;
  /** Aborted: no new runs, those at work checkpoint and stop. */
  readonly stop: AbortSignal;
  /** Aborted: end now. */
  readonly kill: AbortSignal;
  /** The first run that fails stops the rest as `stop` does. */
  readonly failFast: boolean;
  readonly display: Display;
  /** Between looks at runs that another sweep has. */
  readonly pollMs?: number;
}

/**
 * Runs what is to do, one process a run, until all are done, failed or stopped. Runs that another sweep on the same folder
 * has are waited for, and taken over where it dies. Returns one result a run, by its folder.
 */
export async function schedule(
  runs: readonly PlannedRun[],
  options: ScheduleOptions,
): Promise<ReadonlyMap<string, RunResult>> {
  const { start, slots, retries, kill, failFast, display, pollMs = 1000 } = options;
  const failure = new AbortController();
  const stop = AbortSignal.any([options.stop, failure.signal]);
  const queue = [...runs];
  const elsewhere: PlannedRun[] = [];
  const results = new Map<string, RunResult>();

  const settle = (run: PlannedRun, result: RunResult, reason: string | null): void => {
    results.set(run.folder, result);
    display.ended(run, result, reason);
    if (result !== 'failed' || !failFast || stop.aborted) return;
    display.note(`--fail-fast: ${run.name} failed; the runs at work checkpoint and stop, and no more start`);
    failure.abort();
  };

  /** Where the run needs no start any more: another sweep has it, ended it, or tried it since it was planned. */
  const isSettledElsewhere = (run: PlannedRun): boolean => {
    const now = stateOf(run.folder);
    const triedSince = now.status?.attempt !== run.found.status?.attempt;
    if (now.state === 'running') elsewhere.push(run);
    else if (now.state === 'done') settle(run, 'done', 'by another sweep');
    else if (now.state === 'failed' && triedSince) settle(run, 'failed', now.reason);
    else return false;
    return true;
  };

  const execute = async (run: PlannedRun, slot: NodeJS.ProcessEnv): Promise<void> => {
    // Between the queue and here another run may have failed, and a listener of a signal that was given hears nothing.
    if (stop.aborted || isSettledElsewhere(run)) return;
    prepareRun(run);
    for (let attempt = 0; ; attempt += 1) {
      display.started(run);
      const handle = start(run.folder, { ...process.env, ...slot }, (progress) =>
        display.progress(run, progress),
      );
      stop.addEventListener('abort', handle.stop);
      kill.addEventListener('abort', handle.kill);
      const end = await handle.ended;
      stop.removeEventListener('abort', handle.stop);
      kill.removeEventListener('abort', handle.kill);
      if (end.outcome === 'busy') return void elsewhere.push(run);
      if (end.outcome === 'done') return settle(run, 'done', null);
      if (end.outcome === 'killed' && stateOf(run.folder).state === 'done') return settle(run, 'done', null);
      if (end.outcome === 'stopped' || (stop.aborted && end.outcome === 'killed'))
        return settle(run, 'interrupted', kill.aborted ? 'stopped at once' : end.reason);
      if (end.outcome === 'failed' || attempt === retries) {
        const reason = attempt > 0 ? `${end.reason} (after ${attempt} retries)` : end.reason;
        recordFailure(run.folder, reason ?? 'failed', new Date());
        return settle(run, 'failed', reason);
      }
      display.note(`${run.name}: ${end.reason}; going on from its last checkpoint`);
    }
  };

  /** The next run to try, once one is free; undefined when there is none left. */
  const next = async (): Promise<PlannedRun | undefined> => {
    while (queue.length === 0 && elsewhere.length > 0 && !stop.aborted) {
      const waiting = elsewhere.splice(0);
      queue.push(...waiting.filter((run) => !isSettledElsewhere(run)));
      if (queue.length > 0) break;
      display.waiting(elsewhere.length);
      await sleep(pollMs, undefined, { signal: stop }).catch(() => {});
    }
    return stop.aborted ? undefined : queue.shift();
  };

  const work = async (slot: NodeJS.ProcessEnv): Promise<void> => {
    for (let run = await next(); run !== undefined; run = await next()) {
      try {
        await execute(run, slot);
      } catch (error) {
        settle(run, 'failed', reasonOf(error));
      }
    }
  };

  await Promise.all(slots.map(work));
  for (const run of runs) if (!results.has(run.folder)) results.set(run.folder, 'interrupted');
  return results;
}

/** One environment a concurrent job: its GPU where GPUs are named, else its share of the cores. */
export function slotsOf(given: {
  readonly jobs: number;
  readonly gpus: readonly string[];
  readonly perGpu: number;
  readonly cores: number;
  readonly environment: NodeJS.ProcessEnv;
}): readonly NodeJS.ProcessEnv[] {
  const { gpus, perGpu, cores, environment } = given;
  const jobs = gpus.length > 0 ? gpus.length * perGpu : given.jobs;
  const threads = String(Math.max(1, Math.floor(cores / jobs)));
  const share: NodeJS.ProcessEnv =
    jobs > 1 && environment.TF_NUM_INTRAOP_THREADS === undefined ? { TF_NUM_INTRAOP_THREADS: threads } : {};
  return Array.from({ length: jobs }, (_, index) =>
    gpus.length > 0
      ? { ...share, GCNC_DEVICE: 'gpu', CUDA_VISIBLE_DEVICES: gpus[index % gpus.length]! }
      : share,
  );
}
