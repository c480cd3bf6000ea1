import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { cpuFlags } from '../backend/cpu-flags.ts';
import { parseConfigText } from '../config/config-file.ts';
import { type RunConfig, runConfigSchema } from '../config/schema.ts';
import { removeTemporaries } from '../files/atomic.ts';
import { InputError } from '../input-error.ts';
import { acquireLock, type Lock } from '../runs/lock.ts';
import { runPaths } from '../runs/paths.ts';
import { writeProvenance } from '../runs/provenance.ts';
import { startPulse } from '../runs/pulse.ts';
import { metricsDigest, type RunStatus, readStatus, stateOf, writeStatus } from '../runs/status.ts';
import type { Progress, RunOne } from './run-one-contract.ts';

/** How a run's process ended; `busy` means that another process has the run. */
export interface RunEnd {
  readonly outcome: 'done' | 'stopped' | 'failed' | 'busy';
  readonly reason: string | null;
}

export const exitCodes = { done: 0, failed: 1, stopped: 75, busy: 76 } as const;

const defaultHeartbeatMs = 10_000;

export interface RunInFolderOptions {
  readonly runOne: RunOne;
  readonly stopRequested: () => boolean;
  readonly onProgress: (progress: Progress) => void;
  readonly environment: NodeJS.ProcessEnv;
  readonly now: () => Date;
  /** Another process took the run over (this one was long asleep): it must end without writing. */
  readonly onLockLost: () => void;
  readonly heartbeatMs?: number;
}

/** Runs one run under its folder's lock, and keeps status.json: started, alive, how it ended. Never throws. */
export async function runInFolder(folder: string, options: RunInFolderOptions): Promise<RunEnd> {
  let lock: Lock | null;
  try {
    lock = acquireLock(folder);
  } catch (error) {
    return { outcome: 'failed', reason: reasonOf(error) };
  }
  if (lock === null) return { outcome: 'busy', reason: null };
  const stopPulse = startPulse(lock.heartbeatPath, options.heartbeatMs ?? defaultHeartbeatMs);
  try {
    return await runLocked(folder, lock, options);
  } finally {
    stopPulse();
    releaseQuietly(lock);
  }
}

async function runLocked(folder: string, lock: Lock, options: RunInFolderOptions): Promise<RunEnd> {
  const before = readStatus(folder);
  const last = before === null || 'unreadable' in before ? null : before;
  if (last?.state === 'done') {
    const { state, reason } = stateOf(folder);
    return { outcome: state === 'done' ? 'done' : 'failed', reason };
  }
  const started: RunStatus = {
    state: 'running',
    attempt: (last?.attempt ?? 0) + 1,
    pid: process.pid,
    host: hostname(),
    start: options.now().toISOString(),
    heartbeat: options.now().toISOString(),
    reason: null,
    metrics: null,
  };
  const say = (change: Partial<RunStatus>): void =>
    writeStatus(folder, { ...started, heartbeat: options.now().toISOString(), ...change });
  let beats: NodeJS.Timeout | undefined;
  try {
    await removeTemporaries(folder);
    await removeTemporaries(runPaths(folder).checkpoints);
    say({});
    writeProvenance(folder, started.attempt, { ...options, cpuFlags: cpuFlags() });
    beats = setInterval(() => beat(lock, say, options), options.heartbeatMs ?? defaultHeartbeatMs);
    const outcome = await options.runOne(folder, readRunConfig(folder), options);
    if (outcome === 'done') say({ state: 'done', metrics: metricsDigest(folder) });
    else say({ state: 'interrupted', reason: 'stopped on request' });
    return { outcome, reason: null };
  } catch (error) {
    const reason = reasonOf(error);
    trySay(() => say({ state: 'failed', reason }));
    return { outcome: 'failed', reason };
  } finally {
    clearInterval(beats);
  }
}

function beat(lock: Lock, say: (change: Partial<RunStatus>) => void, options: RunInFolderOptions): void {
  try {
    if (!lock.heartbeat()) options.onLockLost();
    else say({});
  } catch {
    // A full disk or a lost connection: the run itself meets it at its next checkpoint.
  }
}

/** The run's config.yaml. Throws InputError of one line where it is missing, damaged or not a run's config. */
export function readRunConfig(folder: string): RunConfig {
  const path = runPaths(folder).config;
  try {
    return runConfigSchema.parse(parseConfigText(readFileSync(path, 'utf8')));
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}`);
    const said = error instanceof Error ? error.message.split('\n')[0] : String(error);
    throw new InputError(`${path}: not a run's config (${said}); run the sweep again with --force`);
  }
}

/** One line; names the reasons that have an errno and a remedy. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const line = String(message ?? error).replace(/\s*\n\s*/g, ' ');
  if (code === 'ENOSPC') return `disk full: ${line}`;
  if (code === 'EDQUOT') return `disk quota reached: ${line}`;
  if (code === 'ERR_MEMORY_ALLOCATION_FAILED' || /bad_alloc|OOM when allocating/.test(line))
    return `out of memory: ${line}`;
  return line;
}

function trySay(say: () => void): void {
  try {
    say();
  } catch {
    // The disk that failed the run also refuses its status: the parent and the exit code still tell.
  }
}

function releaseQuietly(lock: Lock): void {
  try {
    lock.release();
  } catch {
    // Not released is as good as released: this process ends, and a dead holder's lock is free.
  }
}

/** Says failed for a process that could not: it was killed. Leaves alone what another process has or has ended. */
export function recordFailure(folder: string, reason: string, now: Date): void {
  try {
    const lock = acquireLock(folder);
    if (lock === null) return;
    const read = readStatus(folder);
    const known = read === null || 'unreadable' in read ? null : read;
    if (known?.state !== 'done' && known?.state !== 'failed') {
      const time = now.toISOString();
      const blank = { attempt: 1, pid: process.pid, host: hostname(), start: time, metrics: null };
      writeStatus(folder, { ...(known ?? blank), state: 'failed', reason, heartbeat: time });
    }
    releaseQuietly(lock);
  } catch {
    // The disk is full or gone; the sweep's own result still says it.
  }
}
