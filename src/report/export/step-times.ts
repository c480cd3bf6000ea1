import { existsSync, readFileSync } from 'node:fs';
import { runPaths } from '../../runs/paths.ts';
import type { ReadRun } from '../read-runs.ts';

/** When a step's numbers were written, in milliseconds of the epoch: from log.jsonl, else the run's start. */
export function stepTimes(run: ReadRun): (step: number) => number {
  const start = run.start === null ? 0 : Date.parse(run.start);
  const path = runPaths(run.folder).log;
  const times = new Map<number, number>();
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    const entry = parsed(line);
    if (entry !== null) times.set(entry.step, Math.max(entry.time, times.get(entry.step) ?? 0));
  }
  return (step) => times.get(step) ?? start;
}

/** A line of the log that names a step; the last line may be cut off. */
function parsed(line: string): { readonly step: number; readonly time: number } | null {
  try {
    const { step, time } = JSON.parse(line);
    const at = Date.parse(time);
    return typeof step === 'number' && Number.isFinite(at) ? { step, time: at } : null;
  } catch {
    return null;
  }
}
