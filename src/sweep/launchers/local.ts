import { gcncDoctor, gcncRun, type RunCommand, startChildWith } from '../child-process.ts';
import { schedule } from '../scheduler.ts';
import { checkDevice } from './check-device.ts';
import type { Launcher } from './launcher.ts';

/** One child process a run, on this machine. */
export const localLauncher =
  (command: RunCommand = gcncRun, doctor: RunCommand = gcncDoctor): Launcher =>
  async ({ runs, recordPlan, ...options }) => {
    for (const slot of onePerCard(options.slots)) checkDevice(runs, slot, process.env, doctor);
    recordPlan();
    return schedule(runs, { ...options, start: startChildWith(command) });
  };

/** The first slot of each card; the first of all where no card is named. */
const onePerCard = (slots: readonly NodeJS.ProcessEnv[]): readonly NodeJS.ProcessEnv[] => {
  const cards = slots.map((slot) => slot.CUDA_VISIBLE_DEVICES);
  return slots.filter((_, at) => cards.indexOf(cards[at]) === at);
};
