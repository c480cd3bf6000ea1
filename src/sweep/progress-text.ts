import pc from 'picocolors';
import { durationText } from '../duration.ts';
import type { Progress } from '../pipeline/run-one-contract.ts';
import type { PlannedRun, RunResult } from './plan.ts';

/** What is known of a run at work. */
export interface Watched {
  readonly startedMs: number;
  /** The first progress of this process: a resumed run's rate is not that of its earlier steps. */
  first: { readonly step: number; readonly atMs: number } | null;
  last: Progress | null;
  /** When a line was last printed of it, or it was started. */
  printedMs: number;
  printed: boolean;
}

type Colors = ReturnType<typeof pc.createColors>;

/** Colours where the stream is a terminal that wants them (NO_COLOR). */
export const colorsFor = (stream: { readonly isTTY?: boolean }, environment: NodeJS.ProcessEnv): Colors =>
  pc.createColors(stream.isTTY === true && !environment.NO_COLOR && environment.TERM !== 'dumb');

export const watch = (nowMs: number): Watched => ({
  startedMs: nowMs,
  first: null,
  last: null,
  printedMs: nowMs,
  printed: false,
});

/** Takes in what a run said. */
export function watchProgress(seen: Watched, progress: Progress, nowMs: number): void {
  seen.first ??= { step: progress.step, atMs: nowMs };
  seen.last = progress;
}

/** Null until two steps of this process were seen. */
export function secondsLeft({ first, last }: Watched, nowMs: number): number | null {
  if (first === null || last === null || last.step <= first.step) return null;
  return ((nowMs - first.atMs) / 1000 / (last.step - first.step)) * Math.max(0, last.steps - last.step);
}

export function describe(progress: Progress, left: number | null): string {
  const { epoch, epochs, loss, accuracy, imagesPerSecond, message } = progress;
  return [
    `epoch ${epoch}/${epochs}`,
    loss === null ? '' : `loss ${loss.toPrecision(4)}`,
    accuracy === null ? '' : `accuracy ${(100 * accuracy).toFixed(1)} %`,
    imagesPerSecond === null ? '' : `${Math.round(imagesPerSecond)} images/s`,
    left === null ? '' : `${durationText(left)} left`,
    message ?? '',
  ]
    .filter((part) => part !== '')
    .join('  ');
}

export function endLine(
  colors: Colors,
  run: PlannedRun,
  result: RunResult,
  reason: string | null,
  seen: Watched | undefined,
  nowMs: number,
): string {
  const { green, red, yellow } = colors;
  const mark = { done: green('done'), failed: red('failed'), interrupted: yellow('interrupted') };
  const parts = [`${mark[result]} ${run.name}`];
  if (seen) parts.push(durationText((nowMs - seen.startedMs) / 1000));
  if (seen?.last && result !== 'failed')
    parts.push(describe({ ...seen.last, imagesPerSecond: null, message: '' }, null));
  if (reason) parts.push(reason);
  return parts.join('  ');
}
