import type { Display, DisplayOptions } from './display.ts';
import {
  colorsFor,
  describe,
  endLine,
  secondsLeft,
  type Watched,
  watch,
  watchProgress,
} from './progress-text.ts';

const plainIntervalMs = 30_000;

/** Lines only: a run's first epoch, its end, and between them at most one line in 30 s. */
export function openPlainDisplay({ stream, toDo, now, environment }: DisplayOptions): Display {
  const watched = new Map<string, Watched>();
  const print = (text: string): void => void stream.write(`${text}\n`);
  const colors = colorsFor(stream, environment);
  let ended = 0;
  let waitingFor = 0;
  return {
    started: (run) => watched.set(run.folder, watch(now())),
    progress: (run, progress) => {
      const seen = watched.get(run.folder);
      if (!seen) return;
      watchProgress(seen, progress, now());
      const isFirst = progress.kind === 'epoch' && !seen.printed;
      if (!isFirst && now() - seen.printedMs < plainIntervalMs) return;
      seen.printed = true;
      seen.printedMs = now();
      print(`${run.name}  ${describe(progress, secondsLeft(seen, now()))}`);
    },
    ended: (run, result, reason) => {
      const seen = watched.get(run.folder);
      watched.delete(run.folder);
      ended += 1;
      print(`${endLine(colors, run, result, reason, seen, now())}  [${ended}/${toDo}]`);
    },
    note: print,
    waiting: (runs) => {
      if (runs !== waitingFor) print(`waiting for ${runs} runs that another sweep has`);
      waitingFor = runs;
    },
    close: () => {},
  };
}
