import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, hostname, totalmem } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { nvidiaGpus } from '../backend/nvidia-gpus.ts';
import type { Precision } from '../backend/precision.ts';
import { temporaryName, writeFileAtomic } from '../files/atomic.ts';
import { runPaths } from './paths.ts';

/** The checkout that this program runs from, or the package that npm installed. */
const checkout = resolve(import.meta.dirname, '../..');
const patchLimitBytes = 1_000_000;
const interestingFlags = ['avx2', 'avx512f', 'avx512_bf16', 'amx_bf16', 'amx_tile'];

/** In a run's environment: what the user typed, as a JSON array. The run's own process has arguments that nobody typed. */
export const sweepArgvVariable = 'GCNC_SWEEP_ARGV';

/**
 * Writes `env.json`: what ran here, on what. The newest attempt's is env.json; an earlier attempt's stays beside it as
 * `env.<attempt>.json`. Uncommitted changes of the program, new files too, go to `env.<digest>.patch` where they are under 1 MB.
 */
export function writeProvenance(
  folder: string,
  attempt: number,
  {
    environment,
    now,
    cpuFlags,
  }: {
    readonly environment: NodeJS.ProcessEnv;
    readonly now: () => Date;
    /** The processor's, as its kernel names them; null where it does not. */
    readonly cpuFlags: ReadonlySet<string> | null;
  },
): void {
  const path = runPaths(folder).environment;
  if (existsSync(path)) copyFileSync(path, join(folder, `env.${attempt - 1}.json`));
  const { patch, ...git } = gitState(folder);
  // TensorFlow takes 0, and what is no number, as nothing chosen.
  const threads = (name: string): number | null => Math.trunc(Number(environment[name])) || null;
  const record = {
    attempt,
    time: now().toISOString(),
    version: versionOf(join(checkout, 'package.json')),
    git: { ...git, patch: patch === null ? null : writePatch(folder, patch) },
    lockfileSha256: sha256Of(join(checkout, 'package-lock.json')),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    tensorflow: null,
    kernels: null,
    instructions: null,
    host: hostname(),
    cpu: {
      model: cpus()[0]?.model ?? null,
      cores: availableParallelism(),
      flags: interestingFlags.filter((flag) => cpuFlags?.has(flag)),
    },
    memoryBytes: totalmem(),
    gpus: nvidiaGpus(),
    cudaVisibleDevices: environment.CUDA_VISIBLE_DEVICES ?? null,
    threads: {
      // TensorFlow's own default is one for each core that this process may use.
      intraOp: threads(intraOpVariable) ?? availableParallelism(),
      interOp: threads('TF_NUM_INTEROP_THREADS'),
      omp: threads('OMP_NUM_THREADS'),
    },
    argv: sweepArgv(environment) ?? process.argv.slice(1),
    slurmJob: environment.SLURM_JOB_ID ?? null,
    dataChecksum: null,
  };
  writeFileAtomic(path, `${JSON.stringify(record, null, 2)}\n`);
}

const intraOpVariable = 'TF_NUM_INTRAOP_THREADS';

/**
 * Gives a run that goes on the number of threads that it began with, whatever share of the cores it has now: sums of float32
 * depend on how they are shared out, and a resumed run is to equal an undisturbed one. A run that leaves its GPU cannot equal one,
 * and takes the threads of this machine. Before TensorFlow is loaded.
 */
export function keepThreads(
  folder: string,
  environment: NodeJS.ProcessEnv,
  hasGpu: () => boolean = () => nvidiaGpus() !== null,
): void {
  const threads = threadsBegunWith(folder, hasGpu);
  if (threads !== null) environment[intraOpVariable] = String(threads);
}

/** The number of threads of `keepThreads`; null for a run that has not begun. */
export function threadsBegunWith(
  folder: string,
  hasGpu: () => boolean = () => nvidiaGpus() !== null,
): number | null {
  for (const path of environmentsOf(folder)) {
    const attempt = attemptIn(path);
    if (attempt?.threads !== undefined && !(attempt.device === 'gpu' && !hasGpu()))
      return attempt.threads.intraOp;
  }
  return null;
}

/** What the run's first attempt that says so trained in, so that `auto` is no other type on another machine; null for a new run. */
export function keptPrecision(folder: string): Precision | null {
  for (const path of environmentsOf(folder)) {
    const { trainingPrecision } = attemptIn(path) ?? {};
    if (trainingPrecision !== undefined) return trainingPrecision;
  }
  return null;
}

/** The checksum of the images that the run's newest attempt was trained on; null where that is not known. */
export const recordedChecksum = (folder: string): string | null =>
  attemptIn(runPaths(folder).environment)?.dataChecksum ?? null;

/** The run's env.json files, the first attempt's first. */
function environmentsOf(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const attemptOf = (name: string): number => Number(/^env\.(\d+)\.json$/.exec(name)?.[1] ?? 1e9);
  return readdirSync(folder)
    .filter((name) => /^env\.(\d+\.)?json$/.test(name))
    .sort((left, right) => attemptOf(left) - attemptOf(right))
    .map((name) => join(folder, name));
}

/** Each by itself: one that cannot be read takes no other away. */
const attemptSchema = z.object({
  device: z.string().optional().catch(undefined),
  trainingPrecision: z.enum(['float32', 'bfloat16']).optional().catch(undefined),
  dataChecksum: z.string().nullish().catch(null),
  threads: z
    .object({ intraOp: z.int().min(1).max(1024) })
    .optional()
    .catch(undefined),
});

function attemptIn(path: string): z.infer<typeof attemptSchema> | null {
  try {
    return attemptSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    return null;
  }
}

function sweepArgv(environment: NodeJS.ProcessEnv): readonly string[] | null {
  try {
    const argv: unknown = JSON.parse(environment[sweepArgvVariable] ?? '');
    return Array.isArray(argv) ? argv.map(String) : null;
  } catch {
    return null;
  }
}

/** The patch's file name; null where there are no changes or too many. Attempts with the same changes share a file. */
function writePatch(folder: string, patch: string): string | null {
  if (patch === '' || patch.length > patchLimitBytes) return null;
  const name = `env.${createHash('sha256').update(patch).digest('hex').slice(0, 8)}.patch`;
  if (!existsSync(join(folder, name))) writeFileAtomic(join(folder, name), patch);
  return name;
}

/** Adds what only the run itself knows, once it has loaded its data and TensorFlow. */
export function addProvenance(
  folder: string,
  known: {
    readonly tensorflow?: string;
    readonly kernels?: 'gcnc' | 'tensorflow';
    /** What gcnc's own kernels are compiled for. */
    readonly instructions?: string | null;
    readonly dataChecksum?: string;
    readonly device?: string;
    /** What `training.precision` came to; TF32 is float32 with rounded products. */
    readonly trainingPrecision?: Precision;
  },
): void {
  const path = runPaths(folder).environment;
  const record = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : {};
  writeFileAtomic(path, `${JSON.stringify({ ...record, ...known }, null, 2)}\n`);
}

function gitState(folder: string): { commit: string | null; dirty: boolean | null; patch: string | null } {
  // A package that npm installed may lie in the repository of somebody else's project.
  if (!existsSync(join(checkout, '.git')))
    return { commit: commitOfPackage(join(checkout, 'dist/build.json')), dirty: null, patch: null };
  const commit = output('git', ['-C', checkout, 'rev-parse', 'HEAD']);
  if (commit === null) return { commit: null, dirty: null, patch: null };
  const changes = output('git', ['-C', checkout, 'status', '--porcelain', '--untracked-files=normal']);
  const dirty = changes === null ? null : changes.trim() !== '';
  return { commit: commit.trim(), dirty, patch: dirty ? patchOfChanges(folder) : null };
}

const buildSchema = z.object({ commit: z.string().nullable() });

/** The commit that a package was made from, as its build wrote it down. */
function commitOfPackage(path: string): string | null {
  return existsSync(path) ? buildSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).commit : null;
}

const versionOf = (path: string): string =>
  z.object({ version: z.string() }).parse(JSON.parse(readFileSync(path, 'utf8'))).version;

/** `git apply` of it on the commit gives what ran. An index of its own, so that new files count and the user's index does not change. */
function patchOfChanges(folder: string): string | null {
  const index = temporaryName(join(folder, 'git-index'));
  const environment = { ...process.env, GIT_INDEX_FILE: index };
  const git = (...args: string[]): string | null => output('git', ['-C', checkout, ...args], environment);
  try {
    if (git('read-tree', 'HEAD') === null || git('add', '--intent-to-add', '.') === null) return null;
    return git('diff', '--binary', 'HEAD');
  } finally {
    rmSync(index, { force: true });
  }
}

function sha256Of(path: string): string | null {
  return existsSync(path) ? createHash('sha256').update(readFileSync(path)).digest('hex') : null;
}

function output(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): string | null {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    env,
    timeout: 20_000,
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : null;
}
