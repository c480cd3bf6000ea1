import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { recordOptions } from '../diagnostics.ts';

export type RunLog = Logger;

/**
 * A run's log.jsonl: times and rates, which would make metrics.jsonl differ from run to run. A line is on the disk when the call
 * returns, and a full disk throws there.
 */
export const openRunLog = (path: string): RunLog =>
  pino(recordOptions, { write: (line: string) => appendFileSync(path, line) });

/** What a line of log.jsonl says; null where it does not. */
export interface LogEntry {
  /** When it was written, in milliseconds since 1970. */
  readonly timeMs: number | null;
  readonly step: number | null;
  /** Of an epoch; absent from logs of before 2026-11-26. */
  readonly images?: number;
  /** Of training, since the last checkpoint. */
  readonly imagesPerSecond: number | null;
}

/** The lines of a log.jsonl in their order; none where there is no file. A line that is damaged or still being written is left out. */
export const readRunLog = (path: string): readonly LogEntry[] =>
  (existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []).flatMap((line) => {
    try {
      const { time, step, images, imagesPerSecond } = JSON.parse(line);
      return {
        timeMs: finite(Date.parse(time)),
        step: finite(step),
        ...(Number.isFinite(images) && { images }),
        imagesPerSecond: finite(imagesPerSecond),
      };
    } catch {
      return [];
    }
  });

const finite = (value: unknown): number | null => (Number.isFinite(value) ? (value as number) : null);
