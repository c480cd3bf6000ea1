import { spawnSync } from 'node:child_process';
import { nvidiaGpus } from '../backend/nvidia-gpus.ts';

/** What set-up calls; null where it is missing. */
export interface Tools {
  readonly python: string | null;
  readonly pip: string | null;
  readonly compiler: string | null;
  /** The NVIDIA driver's GPUs, one line each. */
  readonly gpus: readonly string[] | null;
}

/** Asks each tool for its version. */
export function findTools(env: NodeJS.ProcessEnv): Tools {
  return {
    python: firstLine(output(env, 'python3', ['--version'])),
    pip: firstLine(output(env, 'python3', ['-m', 'pip', '--version'])),
    compiler: firstLine(output(env, env.CXX || 'c++', ['--version'])),
    gpus: nvidiaGpus(env),
  };
}

function output(env: NodeJS.ProcessEnv, command: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, args, {
    env,
    encoding: 'utf8',
    timeout: 20_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}

const firstLine = (text: string | null): string | null => text?.trim().split('\n')[0] || null;
