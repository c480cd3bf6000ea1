import { gcncRun, type RunCommand, startChildWith } from '../child-process.ts';
import { schedule } from '../scheduler.ts';
import { checkDevice } from './check-device.ts';
import type { Launcher } from './launcher.ts';

/** One child process a run, on this machine. */
export const localLauncher =
  (command: RunCommand = gcncRun): Launcher =>
  async ({ runs, recordPlan, ...options }) => {
    checkDevice(runs, options.slots[0] ?? process.env);
    recordPlan();
    return schedule(runs, { ...options, start: startChildWith(command) });
  };
