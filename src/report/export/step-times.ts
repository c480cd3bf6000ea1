import { runPaths } from '../../runs/paths.ts';
import { readRunLog } from '../../runs/run-log.ts';
import type { ReadRun } from '../read-runs.ts';

/** When a step's numbers were written, in milliseconds since 1970: from log.jsonl, else the run's start. */
export function stepTimes(run: ReadRun): (step: number) => number {
  const start = run.start === null ? 0 : Date.parse(run.start);
  const times = new Map<number, number>();
  for (const { step, timeMs } of readRunLog(runPaths(run.folder).log))
    if (step !== null && timeMs !== null) times.set(step, Math.max(timeMs, times.get(step) ?? 0));
  return (step) => times.get(step) ?? start;
}
