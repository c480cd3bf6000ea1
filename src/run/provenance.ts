import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { writeFileAtomic } from './atomic.ts';
import { runPaths } from './paths.ts';

/** The checkout that this program runs from. */
const checkout = resolve(import.meta.dirname, '../..');
const patchLimitBytes = 1_000_000;
const interestingFlags = ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16', 'amx_tile'];

/**
 * Writes `env.json`: what ran here, on what. The newest attempt's is env.json; an earlier attempt's stays beside it as
 * `env.<attempt>.json`. Uncommitted changes of the program go to `env.patch`, where they are under 1 MB.
 */
export function writeProvenance(
  folder: string,
  attempt: number,
  { environment, now }: { readonly environment: NodeJS.ProcessEnv; readonly now: () => Date },
): void {
  const path = runPaths(folder).environment;
  if (existsSync(path)) copyFileSync(path, join(folder, `env.${attempt - 1}.json`));
  const { patch, ...git } = gitState();
  const patchFile = join(folder, 'env.patch');
  if (patch !== null && patch.length > 0 && patch.length <= patchLimitBytes)
    writeFileAtomic(patchFile, patch);
  else rmSync(patchFile, { force: true });
  const threads = (name: string): number | null => (environment[name] ? Number(environment[name]) : null);
  const record = {
    attempt,
    time: now().toISOString(),
    git: { ...git, patch: existsSync(patchFile) ? 'env.patch' : null },
    lockfileSha256: sha256Of(join(checkout, 'package-lock.json')),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    tensorflow: null,
    host: hostname(),
    cpu: { model: cpus()[0]?.model ?? null, cores: availableParallelism(), flags: cpuFlags() },
    memoryBytes: totalmem(),
    gpus: gpus(),
    cudaVisibleDevices: environment.CUDA_VISIBLE_DEVICES ?? null,
    threads: {
      intraOp: threads('TF_NUM_INTRAOP_THREADS'),
      interOp: threads('TF_NUM_INTEROP_THREADS'),
      omp: threads('OMP_NUM_THREADS'),
    },
    argv: process.argv.slice(1),
    slurmJob: environment.SLURM_JOB_ID ?? null,
    dataChecksum: null,
  };
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

/** Adds what only the run itself knows, once it has loaded its data and TensorFlow. */
export function addProvenance(
  folder: string,
  known: { readonly tensorflow?: string; readonly dataChecksum?: string; readonly device?: string },
): void {
  const path = runPaths(folder).environment;
  const record = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  writeFileAtomic(path, `${JSON.stringify({ ...record, ...known }, null, 2)}\n`);
}

function gitState(): { commit: string | null; dirty: boolean | null; patch: string | null } {
  const commit = output('git', ['-C', checkout, 'rev-parse', 'HEAD']);
  if (commit === null) return { commit: null, dirty: null, patch: null };
  const changes = output('git', ['-C', checkout, 'status', '--porcelain', '--untracked-files=normal']);
  const patch = output('git', ['-C', checkout, 'diff', 'HEAD']);
  return { commit: commit.trim(), dirty: changes === null ? null : changes.trim() !== '', patch };
}

/** One entry a GPU: name, memory, driver; null where there is no nvidia-smi. */
function gpus(): readonly string[] | null {
  const listed = output('nvidia-smi', [
    '--query-gpu=name,memory.total,driver_version',
    '--format=csv,noheader',
  ]);
  return listed === null ? null : listed.trim().split('\n');
}

function cpuFlags(): readonly string[] {
  if (!existsSync('/proc/cpuinfo')) return [];
  const line = /^flags\s*:(.*)$/m.exec(readFileSync('/proc/cpuinfo', 'utf8'))?.[1] ?? '';
  const present = new Set(line.trim().split(/\s+/));
  return interestingFlags.filter((flag) => present.has(flag));
}

function sha256Of(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}

function output(command: string, args: readonly string[]): string | null {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}
