import { statSync } from 'node:fs';
import { type ReadRun, readRun } from '../report/read-runs.ts';
import { runPaths } from '../runs/paths.ts';
import { stateOf } from '../runs/status.ts';

interface Kept {
  readonly stamp: string;
  readonly run: ReadRun;
}

/**
 * Reads run folders, each again only when one of its files has changed (time or size). A run at work is asked for its state each
 * time, for a process that dies changes no file.
 */
export function changedRuns() {
  const kept = new Map<string, Kept>();
  let reads = 0;
  return {
    read(folder: string): ReadRun {
      const stamp = stampOf(folder);
      const before = kept.get(folder);
      if (before !== undefined && before.stamp === stamp && !wasLeft(before.run, folder)) return before.run;
      reads += 1;
      const run = readRun(folder);
      kept.set(folder, { stamp, run });
      return run;
    },
    /** How many folders were read, for tests. */
    reads: (): number => reads,
  };
}

const wasLeft = ({ state }: ReadRun, folder: string): boolean =>
  state === 'running' && stateOf(folder).state !== 'running';

function stampOf(folder: string): string {
  const { config, environment, status, metrics, log } = runPaths(folder);
  const stamps = [config, environment, status, metrics, log].map((path) => {
    const stat = statSync(path, { throwIfNoEntry: false });
    return stat === undefined ? '-' : `${stat.mtimeMs} ${stat.size}`;
  });
  return stamps.join(' | ');
}
