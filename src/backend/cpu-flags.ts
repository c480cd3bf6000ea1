import { existsSync, readFileSync } from 'node:fs';

const path = '/proc/cpuinfo';

/** Instruction sets by the kernel's names, from the text of /proc/cpuinfo; null where the system does not say (as on Arm). */
export const cpuFlags = (
  text: string | null = existsSync(path) ? readFileSync(path, 'utf8') : null,
): ReadonlySet<string> | null => {
  const line = /^flags\s*:(.*)$/m.exec(text ?? '')?.[1];
  return line === undefined ? null : new Set(line.trim().split(/\s+/));
};
