import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

export interface Answer {
  /** Examples a second; null where it could not be done. */
  readonly rate: number | null;
  readonly peakMegabytes?: number;
  readonly error?: string;
}

/** One contestant's process: a JSON line in, one out. */
export interface Side {
  readonly ask: (request: object) => Promise<Answer>;
  readonly end: () => void;
}

const file = (name: string): string => join(import.meta.dirname, name);

const commands = {
  gcnc: () => [process.execPath, '--import', 'tsx', file('speed-worker.ts')],
  pytorch: () => [process.env.PYTHON ?? 'python3', file('speed-worker.py')],
  'tfjs-layers': () => [process.execPath, file('tfjs-layers-worker.cjs')],
} as const;

export const startSide = (name: keyof typeof commands, env: NodeJS.ProcessEnv = process.env): Side => {
  const [command, ...args] = commands[name]();
  const child = spawn(command!, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name}'s process ended before it answered: ${[command, ...args].join(' ')}`);
  });
  ended.catch(() => {});
  return {
    ask: async (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      const [line] = await Promise.race([once(lines, 'line'), ended]);
      return JSON.parse(line);
    },
    end: () => child.kill(),
  };
};
