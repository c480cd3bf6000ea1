import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Slurm and munge are here; GCNC_TEST_SLURM=1 says that they must be. */
export const hasSlurm =
  process.env.GCNC_TEST_SLURM === '1' ||
  ['slurmctld', 'slurmd', 'munged'].every(
    (name) => spawnSync('sh', ['-c', `PATH=$PATH:/usr/sbin command -v ${name}`]).status === 0,
  );

export interface Slurm {
  /** What its clients need. */
  readonly environment: NodeJS.ProcessEnv;
  /** Runs a client, such as squeue, and returns what it prints. */
  readonly client: (command: string, ...args: string[]) => string;
  readonly stop: () => void;
}

/** A real Slurm on this host alone, with its daemons' files in a folder of its own. */
export async function startSlurm(): Promise<Slurm> {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-slurmd-'));
  const script = join(import.meta.dirname, 'start-slurm.sh');
  const environment = { ...process.env, SLURM_CONF: join(folder, 'slurm.conf') };
  const stop = (): void => {
    const pids = readdirSync(folder)
      .filter((name) => name.endsWith('.pid'))
      .map((name) => readFileSync(join(folder, name), 'utf8').trim());
    for (const pid of pids) spawnSync('kill', [pid]);
    // A daemon saves its state before it ends, and rmSync would meet a file that it did not see before.
    while (!pids.every(hasEnded)) spawnSync('sleep', ['0.1']);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    execFileSync('bash', [script, folder, String(await freePort())], { stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    stop();
    throw error;
  }
  const client = (command: string, ...args: string[]): string =>
    execFileSync(command, args, { encoding: 'utf8', env: environment }).trim();
  return { environment, client, stop };
}

/** Ended, or a zombie that nobody has asked after. */
const hasEnded = (pid: string): boolean => {
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
};

/** A port that nobody has; Slurm takes it and the next. */
const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
