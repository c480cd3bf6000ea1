import { createLogUpdate } from 'log-update';
import { durationText } from '../duration.ts';
import { type WorkDone, watchWork } from '../work-channel.ts';

const showAfterMs = 2000;
const terminalEveryMs = 100;
const plainEveryMs = 30_000;

/** `embedding: 640 of 7104 images, 12 s left`. */
export const progressLine = ({ what, unit, done, of }: WorkDone, elapsedMs: number): string => {
  const left = done === 0 ? '' : `, ${durationText((elapsedMs / 1000 / done) * (of - done))} left`;
  return `${what}: ${done} of ${of} ${unit}${done < of ? left : ''}`;
};

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream;
  readonly now?: () => number;
}

/**
 * Runs a command's work and, once that has taken two seconds, says on the stream how far it is and how long it will take: one line that
 * changes on a terminal, elsewhere a line every 30 s. Nothing is left of it on a terminal.
 */
export const withProgress = async <Result>(
  { stream, now = () => performance.now() }: ProgressOptions,
  work: () => Promise<Result> | Result,
): Promise<Result> => {
  const begun = now();
  const update = stream.isTTY ? createLogUpdate(stream) : null;
  let current = { what: '', of: 0, startedMs: begun, doneAtStart: 0 };
  let shownMs = Number.NEGATIVE_INFINITY;
  const stop = watchWork((seen) => {
    const time = now();
    // A pass's first batch holds what is done once; the rate is of what came after.
    if (seen.what !== current.what || seen.of !== current.of)
      current = { what: seen.what, of: seen.of, startedMs: time, doneAtStart: seen.done };
    if (time - begun < showAfterMs || time - shownMs < (update ? terminalEveryMs : plainEveryMs)) return;
    shownMs = time;
    const done = seen.done - current.doneAtStart;
    const elapsed = time - current.startedMs;
    // As if all that is done had been done at the rate of what was seen.
    const line = progressLine(seen, done > 0 ? (elapsed / done) * seen.done : time - begun);
    if (update) update(line);
    else stream.write(`${line}\n`);
  });
  try {
    return await work();
  } finally {
    stop();
    update?.clear();
    update?.done();
  }
};
