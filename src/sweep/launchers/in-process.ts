import { nvidiaGpus } from '../../backend/nvidia-gpus.ts';
import { InputError } from '../../input-error.ts';
import { once } from '../../once.ts';
import { exitCodes, runInFolder } from '../../pipeline/run-in-folder.ts';
import type { RunOne } from '../../pipeline/run-one-contract.ts';
import { keepThreads, threadsBegunWith } from '../../runs/provenance.ts';
import type { PlannedRun } from '../plan.ts';
import { type StartRun, schedule } from '../scheduler.ts';
import type { Launcher } from './launcher.ts';

/** All runs in this very process, one after the other: for debuggers. A crash of the native library ends the sweep. */
export const inProcessLauncher =
  (loadRunOne: () => Promise<RunOne>): Launcher =>
  ({ runs, slots, recordPlan, ...options }) => {
    // One run at a time has all cores, and no job's share of them; its card is chosen before TensorFlow is loaded.
    const { TF_NUM_INTRAOP_THREADS: _, ...slot } = slots[0] ?? {};
    Object.assign(process.env, slot);
    keepThreadsOfAll(runs);
    recordPlan();
    return schedule(runs, { ...options, slots: [slot], start: startHereWith(loadRunOne) });
  };

/** A process has one number of threads. A run that goes on is to have the number that it began with. */
function keepThreadsOfAll(runs: readonly PlannedRun[]): void {
  const hasGpu = once(() => nvidiaGpus() !== null);
  const begun = runs.flatMap(({ name, folder }) => {
    const threads = threadsBegunWith(folder, hasGpu);
    return threads === null ? [] : [{ name, folder, threads }];
  });
  const [first] = begun;
  if (first === undefined) return;
  const other = begun.find(({ threads }) => threads !== first.threads);
  if (other !== undefined)
    throw new InputError(
      `--launcher in-process: ${first.name} began with ${first.threads} threads and ${other.name} with ${other.threads}, and one process has one number; go on without it`,
    );
  keepThreads(first.folder, process.env, hasGpu);
}

const startHereWith =
  (loadRunOne: () => Promise<RunOne>): StartRun =>
  (folder, environment, onProgress) => {
    let stop = false;
    const ended = runInFolder(folder, {
      runOne: async (...given) => (await loadRunOne())(...given),
      stopRequested: () => stop,
      onProgress,
      environment,
      now: () => new Date(),
      onLockLost: () => process.exit(exitCodes.busy),
    });
    return {
      ended,
      stop: () => {
        stop = true;
      },
      kill: () => process.exit(130),
    };
  };
