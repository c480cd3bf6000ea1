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

/** One contestant's process: a line when it has loaded, then a JSON line in, one out. */
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

/** Returns when the process has loaded: what one side loads must not run beside what another is timed on. */
export const startSide = async (
  name: keyof typeof commands,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Side> => {
  const [command, ...args] = commands[name]();
  const child = spawn(command!, args, { env, stdio: ['pipe', 'pipe', 'ignore'] });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => {
    throw new Error(`${name}'s process ended before it answered: ${[command, ...args].join(' ')}`);
  });
  ended.catch(() => {});
  const answer = async () => JSON.parse((await Promise.race([once(lines, 'line'), ended]))[0]);
  await answer();
  return {
    ask: (request) => {
      child.stdin.write(`${JSON.stringify(request)}\n`);
      return answer();
    },
    end: () => child.kill(),
  };
};
