import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

/** A process as another machine can name it. `system` changes with a reboot and between containers: pids mean nothing across it. */
export const processIdentitySchema = z.object({
  host: z.string(),
  system: z.string(),
  pid: z.int().positive(),
  /** The kernel's start time, so that a reused pid is not taken for the process; empty where unknown. */
  startTime: z.string(),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

export const identityOf = (pid: number): ProcessIdentity => ({
  host: hostname(),
  system: systemName(),
  pid,
  startTime: startTimeOf(pid) ?? '',
});

/** Whether the process lives; null where this machine cannot know. */
export function isAlive(identity: ProcessIdentity): boolean | null {
  if (identity.host !== hostname() || identity.system !== systemName()) return null;
  try {
    process.kill(identity.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const startTime = startTimeOf(identity.pid);
  if (identity.startTime === '' || startTime === null) return true;
  return startTime === identity.startTime;
}

let system: string | undefined;

function systemName(): string {
  system ??= readOr(() => {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  }, process.platform);
  return system;
}

/** Field 22 of /proc/PID/stat; a zombie counts as gone. */
function startTimeOf(pid: number): string | null {
  const stat = readOr(() => readFileSync(`/proc/${pid}/stat`, 'utf8'), '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z') return 'zombie';
  return fields[19] ?? null;
}

function readOr(read: () => string, otherwise: string): string {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
