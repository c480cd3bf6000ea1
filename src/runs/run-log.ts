import { appendFileSync } from 'node:fs';
import pino, { type Logger } from 'pino';
import { recordOptions } from '../diagnostics.ts';

export type RunLog = Logger;

/**
 * A run's log.jsonl: times and rates, which would make metrics.jsonl differ from run to run. A line is on the disk when the call
 * returns, and a full disk throws there.
 */
export const openRunLog = (path: string): RunLog =>
  pino(recordOptions, { write: (line: string) => appendFileSync(path, line) });
