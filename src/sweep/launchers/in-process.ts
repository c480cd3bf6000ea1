import { exitCodes, runInFolder } from '../../pipeline/run-in-folder.ts';
import type { RunOne } from '../../pipeline/run-one-contract.ts';
import { type StartRun, schedule } from '../scheduler.ts';
import type { Launcher } from './launcher.ts';

/** All runs in this very process, one after the other: for debuggers. A crash of the native library ends the sweep. */
export const inProcessLauncher =
  (loadRunOne: () => Promise<RunOne>): Launcher =>
  ({ runs, slots, recordPlan, ...options }) => {
    recordPlan();
    // One run at a time has all cores, and no job's share of them; its card is chosen before TensorFlow is loaded.
    const { TF_NUM_INTRAOP_THREADS: _, ...slot } = slots[0] ?? {};
    Object.assign(process.env, slot);
    return schedule(runs, { ...options, slots: [slot], start: startHereWith(loadRunOne) });
  };

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
