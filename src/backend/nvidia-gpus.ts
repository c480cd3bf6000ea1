import { spawnSync } from 'node:child_process';

/** One entry per GPU that the NVIDIA driver lists: name, memory, driver. Null where nvidia-smi is missing or fails. */
export function nvidiaGpus(env: NodeJS.ProcessEnv = process.env): readonly string[] | null {
  const { status, stdout } = spawnSync(
    'nvidia-smi',
    ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'],
    { env, encoding: 'utf8', timeout: 20_000, stdio: ['ignore', 'pipe', 'ignore'] },
  );
  return status === 0 && stdout.trim() !== '' ? stdout.trim().split('\n') : null;
}
