import { runInFolder } from '../../pipeline/run-in-folder.ts';
import type { RunOne } from '../../pipeline/run-one-contract.ts';
import { type StartRun, schedule } from '../scheduler.ts';
import type { Launcher } from './launcher.ts';

/** All runs in this very process, one after the other: for debuggers. A crash of the native library ends the sweep. */
export const inProcessLauncher =
  (loadRunOne: () => Promise<RunOne>): Launcher =>
  ({ runs, slots, ...options }) =>
    schedule(runs, { ...options, slots: slots.slice(0, 1), start: startHereWith(loadRunOne) });

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
      onLockLost: () => {
        stop = true;
      },
    });
    return {
      ended,
      stop: () => {
        stop = true;
      },
      kill: () => process.exit(130),
    };
  };
