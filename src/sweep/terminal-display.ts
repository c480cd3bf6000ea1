import { createLogUpdate } from 'log-update';
import { durationText } from '../duration.ts';
import type { Display, DisplayOptions } from './display.ts';
import type { PlannedRun } from './plan.ts';
import {
  colorsFor,
  describe,
  endLine,
  secondsLeft,
  type Watched,
  watch,
  watchProgress,
} from './progress-text.ts';

/** One line a running job and one for the whole, rewritten in place; what ended stands above. */
export function openTerminalDisplay({ stream, toDo, doneBefore, now, environment }: DisplayOptions): Display {
  const colors = colorsFor(stream, environment);
  const update = createLogUpdate(stream);
  const watched = new Map<string, Watched & { readonly run: PlannedRun }>();
  const begunMs = now();
  let ended = 0;
  let failed = 0;
  let waitingFor = 0;
  const render = (): void => {
    const width = (stream.columns ?? 100) - 1;
    // Below the jobs: how many more, the total, and the cursor's own line.
    const rows = Math.max(2, (stream.rows ?? 24) - 3);
    const lines = [...watched.values()].map((seen) => {
      const text = seen.last ? describe(seen.last, secondsLeft(seen, now())) : 'starting';
      return `${colors.cyan('·')} ${`${seen.run.name}  ${text}`.slice(0, width - 2)}`;
    });
    const hidden = lines.length - rows;
    const shown = hidden > 0 ? [...lines.slice(0, rows), `  and ${hidden} more`] : lines;
    const left =
      ended > 0 ? `, about ${durationText(((now() - begunMs) / 1000 / ended) * (toDo - ended))} left` : '';
    const before = doneBefore > 0 ? `, ${doneBefore} done before` : '';
    const others = waitingFor > 0 ? `, waiting for ${waitingFor} that another sweep has` : '';
    const total = `${ended} of ${toDo} runs ended, ${failed} failed${before}${others}${left}`;
    update([...shown, colors.bold(total.slice(0, width))].join('\n'));
  };
  const timer = setInterval(render, 200);
  timer.unref();
  return {
    started: (run) => watched.set(run.folder, { ...watch(now()), run }),
    progress: (run, progress) => {
      const seen = watched.get(run.folder);
      if (seen) watchProgress(seen, progress, now());
    },
    ended: (run, result, reason) => {
      const seen = watched.get(run.folder);
      watched.delete(run.folder);
      ended += 1;
      if (result === 'failed') failed += 1;
      update.persist(endLine(colors, run, result, reason, seen, now()));
      render();
    },
    note: (text) => {
      update.persist(text);
      render();
    },
    waiting: (runs) => {
      waitingFor = runs;
    },
    close: () => {
      clearInterval(timer);
      render();
      update.done();
    },
  };
}
