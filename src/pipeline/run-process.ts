import { existsSync } from 'node:fs';
import { InputError } from '../input-error.ts';
import { runPaths } from '../runs/paths.ts';
import { keepThreads } from '../runs/provenance.ts';
import { exitCodes, type RunEnd, runInFolder } from './run-in-folder.ts';
import type { Progress, RunOne } from './run-one-contract.ts';

/** What a run's process sends to the sweep that started it. */
export type RunMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'end'; readonly end: RunEnd };

/**
 * The body of a run's own process, `gcnc run FOLDER`: SIGINT, SIGTERM and SIGUSR1 ask it to checkpoint and stop, SIGINT twice
 * ends it at once; so does the death of the sweep that started it. Returns the exit code.
 */
export async function runProcess(folder: string, loadRunOne: () => Promise<RunOne>): Promise<number> {
  if (!existsSync(runPaths(folder).config))
    throw new InputError(`${folder}: no run's folder (it has no config.yaml); \`gcnc sweep\` makes them`);
  keepThreads(folder, process.env);
  let stop = false;
  let interrupts = 0;
  const askToStop = (): void => {
    stop = true;
  };
  process.on('SIGINT', () => {
    askToStop();
    interrupts += 1;
    if (interrupts === 2) process.exit(130);
  });
  process.on('SIGTERM', askToStop);
  process.on('SIGUSR1', askToStop);
  process.on('disconnect', askToStop);

  const end = await runInFolder(folder, {
    runOne: async (...given) => (await loadRunOne())(...given),
    stopRequested: () => stop,
    onProgress: (progress) => send({ kind: 'progress', progress }),
    environment: process.env,
    now: () => new Date(),
    onLockLost: () => process.exit(exitCodes.busy),
  });
  if (end.reason !== null) process.stderr.write(`${end.reason}\n`);
  await flushed({ kind: 'end', end });
  if (process.connected) process.disconnect();
  return exitCodes[end.outcome];
}

/** A sweep that just died is noticed by the disconnect, not here. */
function send(message: RunMessage): void {
  if (process.connected) process.send?.(message, () => {});
}

const flushed = (message: RunMessage): Promise<void> =>
  new Promise((resolve) => {
    if (process.connected) process.send?.(message, () => resolve());
    else resolve();
  });
