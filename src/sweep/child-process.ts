import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { exitCodes, type RunEnd } from '../pipeline/run-in-folder.ts';
import type { RunMessage } from '../pipeline/run-process.ts';
import { sweepArgvVariable } from '../runs/provenance.ts';
import type { ProcessEnd, RunHandle, StartRun } from './scheduler.ts';

/** Command and arguments that run a run, but for the run's folder, which comes last. */
export type RunCommand = readonly string[];

const program = (name: string): string => resolve(import.meta.dirname, '../cli', name);

/** TypeScript in a checkout, JavaScript where the package is installed. */
const gcnc: RunCommand = import.meta.filename.endsWith('.ts')
  ? [process.execPath, '--import', import.meta.resolve('tsx'), program('main.ts')]
  : [process.execPath, program('main.js')];

export const gcncRun: RunCommand = [...gcnc, 'run'];
export const gcncDoctor: RunCommand = [...gcnc, 'doctor', '--json'];

/**
 * Starts runs as child processes, so that a crash of the native library ends one run. What a child prints goes to its
 * folder's output.log. Each child is its own process group: a terminal's SIGINT reaches the sweep alone, which passes it on.
 */
export const startChildWith =
  (command: RunCommand): StartRun =>
  (folder, environment, onProgress): RunHandle => {
    const [file, ...args] = [...command, folder];
    mkdirSync(folder, { recursive: true });
    const logPath = join(folder, 'output.log');
    const logStart = existsSync(logPath) ? statSync(logPath).size : 0;
    const log = openSync(logPath, 'a');
    const memoryKills = kernelMemoryKills();
    const child = spawn(file!, args, {
      env: { ...environment, [sweepArgvVariable]: JSON.stringify(process.argv.slice(1)) },
      detached: true,
      stdio: ['ignore', log, log, 'ipc'],
    });
    closeSync(log);
    let said: RunEnd | null = null;
    child.on('message', (message: RunMessage) => {
      if (message.kind === 'progress') onProgress(message.progress);
      else said = message.end;
    });
    const ended = new Promise<ProcessEnd>((resolveEnd) => {
      child.on('error', (error) => resolveEnd({ outcome: 'failed', reason: error.message }));
      // close comes after the last message, exit may come before it.
      child.on('close', (code, signal) => {
        const printed = tailOf(logPath, logStart);
        if (said !== null && signal === null) resolveEnd(said);
        else if (signal !== null) resolveEnd(endOfSignal(signal, printed, kernelMemoryKills() > memoryKills));
        else resolveEnd(endOfCode(code ?? 1, printed));
      });
    });
    return {
      ended,
      stop: () => void child.kill('SIGTERM'),
      kill: () => void child.kill('SIGKILL'),
    };
  };

function endOfSignal(signal: NodeJS.Signals, printed: string, memoryKill: boolean): ProcessEnd {
  if (signal === 'SIGKILL' && memoryKill)
    return { outcome: 'failed', reason: 'out of memory: killed by the kernel (SIGKILL)' };
  const refused = printed.split('\n').find((line) => /heap out of memory|bad_alloc/.test(line));
  if (refused !== undefined)
    return { outcome: 'failed', reason: `out of memory: ${refused.trim().slice(0, 300)}` };
  const hint = signal === 'SIGKILL' ? ' (often for memory)' : '';
  const last = lastLine(printed);
  return { outcome: 'killed', reason: `killed by ${signal}${hint}${last ? `: ${last}` : ''}` };
}

function endOfCode(code: number, printed: string): ProcessEnd {
  // A shell or a batch system between us reports a signal as 128 + its number.
  const signal = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  if (signal !== undefined) return endOfSignal(signal as NodeJS.Signals, printed, false);
  if (code === exitCodes.done) return { outcome: 'done', reason: null };
  if (code === exitCodes.stopped) return { outcome: 'stopped', reason: null };
  if (code === exitCodes.busy) return { outcome: 'busy', reason: null };
  return { outcome: 'failed', reason: lastLine(printed) || `exit code ${code}, and nothing printed` };
}

function tailOf(path: string, from: number): string {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  const start = Math.max(from, size - 16_384);
  if (size <= start) return '';
  const file = openSync(path, 'r');
  const buffer = Buffer.alloc(size - start);
  const read = readSync(file, buffer, 0, buffer.length, start);
  closeSync(file);
  return buffer.toString('utf8', 0, read);
}

/** The line that says most: the error's own where there is a stack, else the last. */
function lastLine(printed: string): string {
  const lines = printed
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^(at |Node\.js v|npm |WARNING: All log messages|I\d{4} )/.test(line));
  return (lines.findLast((line) => /error|memory/i.test(line)) ?? lines.at(-1) ?? '').slice(0, 300);
}

/** Processes that the kernel killed for memory since boot; 0 where it does not say. */
function kernelMemoryKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync('/proc/vmstat', 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
