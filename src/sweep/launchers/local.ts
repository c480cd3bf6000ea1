import { gcncRun, type RunCommand, startChildWith } from '../child-process.ts';
import { schedule } from '../scheduler.ts';
import type { Launcher } from './launcher.ts';

/** One child process a run, on this machine. */
export const localLauncher =
  (command: RunCommand = gcncRun): Launcher =>
  ({ runs, recordPlan, ...options }) => {
    recordPlan();
    return schedule(runs, { ...options, start: startChildWith(command) });
  };
