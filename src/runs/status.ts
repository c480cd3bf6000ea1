import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { writeFileAtomic } from '../files/atomic.ts';
import { formatVersion, refuseNewer } from '../files/format-version.ts';
import { InputError } from '../input-error.ts';
import { defaultStaleMs, lockHolder } from './lock.ts';
import { markMetrics } from './metrics-file.ts';
import { runPaths } from './paths.ts';

export const runStates = ['pending', 'running', 'done', 'failed', 'interrupted'] as const;

/** `status.json`: what the run's process last said of itself. Times are ISO 8601. */
const statusSchema = z.object({
  state: z.enum(runStates),
  /** How many times the run was started. */
  attempt: z.int().positive(),
  pid: z.int().positive(),
  host: z.string(),
  start: z.iso.datetime(),
  heartbeat: z.iso.datetime(),
  /** Why it failed or was interrupted. */
  reason: z.string().nullable(),
  /** What metrics.jsonl held when the run was done: a file changed since then is not taken for a result. */
  metrics: z.object({ bytes: z.int().nonnegative(), sha256: z.string() }).nullable(),
});
export type RunStatus = z.infer<typeof statusSchema>;
export type RunState = RunStatus['state'];

/** A run's state as it is found: its status joined with its lock, for a process that died could not say so. */
export interface FoundState {
  readonly state: RunState;
  readonly reason: string | null;
  readonly status: RunStatus | null;
}

/** On a full disk over the old one, which needs no room: torn, it would read as damaged, and the run as interrupted. */
export function writeStatus(folder: string, status: RunStatus): void {
  const path = runPaths(folder).status;
  const text = `${JSON.stringify({ format: formatVersion, ...status }, null, 2)}\n`;
  try {
    writeFileAtomic(path, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code !== 'ENOSPC' && code !== 'EDQUOT') || !existsSync(path)) throw error;
    const file = openSync(path, 'r+');
    try {
      // Not writeSync, which may write a part and says so only by a number.
      writeFileSync(file, text);
      ftruncateSync(file, Buffer.byteLength(text));
    } finally {
      closeSync(file);
    }
  }
}

/** The status, null where there is none yet, or why it cannot be read. */
export function readStatus(folder: string): RunStatus | null | { readonly unreadable: string } {
  const path = runPaths(folder).status;
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    return { unreadable: `${path}: ${(error as Error).message}` };
  }
  try {
    const read: unknown = JSON.parse(text);
    refuseNewer(read);
    return statusSchema.parse(read);
  } catch (error) {
    if (error instanceof InputError) return { unreadable: `${path}: ${error.message}` };
    return { unreadable: `${path} is damaged` };
  }
}

/**
 * The run's state now. Running means that a live process holds the lock; a "running" without one is interrupted, and so is
 * a run whose status is damaged: going on from its last checkpoint is right in both cases. A run that is done and whose
 * metrics.jsonl is not what it wrote is failed.
 */
export function stateOf(folder: string, staleMs: number = defaultStaleMs): FoundState {
  const read = readStatus(folder);
  const status = read === null || 'unreadable' in read ? null : read;
  if (status?.state === 'done') return stateOfDone(folder, status);
  if (lockHolder(folder, staleMs) !== null) return { state: 'running', reason: null, status };
  if (read === null) return { state: 'pending', reason: null, status };
  if ('unreadable' in read) return { state: 'interrupted', reason: read.unreadable, status };
  if (read.state === 'running')
    return { state: 'interrupted', reason: `process ${read.pid} on ${read.host} is gone`, status };
  return { state: read.state, reason: read.reason, status };
}

function stateOfDone(folder: string, status: RunStatus): FoundState {
  const now = metricsDigest(folder);
  const then = status.metrics;
  if (now?.sha256 === then?.sha256) return { state: 'done', reason: null, status };
  const what = now === null ? 'is gone' : 'was changed';
  const reason = `${runPaths(folder).metrics} ${what} after the run was done; --force runs it again beside`;
  return { state: 'failed', reason, status };
}

/** What metrics.jsonl holds; null where there is none. */
export function metricsDigest(folder: string): RunStatus['metrics'] {
  const path = runPaths(folder).metrics;
  return existsSync(path) ? markMetrics(path) : null;
}
