import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { writeFileAtomic } from '../../files/atomic.ts';
import { InputError } from '../../input-error.ts';
import { runPaths } from '../../runs/paths.ts';
import { sweepArgvVariable } from '../../runs/provenance.ts';
import { gcncRun, type RunCommand } from '../child-process.ts';
import { prepareRun } from '../plan.ts';
import type { Launcher } from './launcher.ts';
import { isActive, type Submission, slurmTasks } from './slurm-queue.ts';
import { sbatchOptions, slurmScript } from './slurm-script.ts';

/** Submits one job array over the runs that are to do and not queued already, and returns at once. */
export const slurmLauncher =
  (command: RunCommand = gcncRun): Launcher =>
  async ({ plan, recordPlan, runs, slurm, display }) => {
    const queued = slurmTasks(plan.folder);
    const toSubmit = runs.filter((run) => {
      const task = queued.get(run.folder);
      return task === undefined || !isActive(task);
    });
    const left = runs.length - toSubmit.length;
    if (left > 0) display.note(`${left} runs are in Slurm's queue already`);
    if (toSubmit.length === 0) {
      recordPlan();
      return null;
    }
    const folder = join(plan.folder, 'slurm');
    const submitted = new Date().toISOString();
    const folders = toSubmit.map((run) => run.folder);
    const files = join(folder, `${submitted.replaceAll(/[:.]/g, '-')}-${process.pid}`);
    const [list, script] = [`${files}.txt`, `${files}.sh`];
    const options = sbatchOptions({ name: plan.name, tasks: folders.length, outputFolder: folder, slurm });
    // A task may start at once, so what it reads is there before; where Slurm refuses, all is as it was.
    const made = [plan.folder, folder, ...folders, list, script].filter((path) => !existsSync(path));
    let jobId: string;
    try {
      for (const run of toSubmit) prepareRun(run);
      mkdirSync(folder, { recursive: true });
      writeFileAtomic(list, `${folders.join('\n')}\n`);
      writeFileAtomic(script, slurmScript(slurm.setup ?? []));
      jobId = submit([...options, script, list, ...command]);
    } catch (error) {
      takeBack(made);
      throw error;
    }
    recordPlan();
    const submission: Submission = { jobId, submitted, folders };
    writeFileAtomic(join(folder, `${submission.jobId}.json`), `${JSON.stringify(submission, null, 2)}\n`);
    display.note(`submitted Slurm job ${submission.jobId}: ${folders.length} runs; --status shows them`);
    return null;
  };

/** Removes the files, and of the folders, inner ones first, those in which nobody has put anything else meanwhile. */
function takeBack(made: readonly string[]): void {
  for (const path of made.toReversed()) {
    if (!existsSync(path)) continue;
    const isFolder = statSync(path).isDirectory();
    if (!isFolder) rmSync(path);
    else if (readdirSync(path).every((name) => name === basename(runPaths(path).config)))
      rmSync(path, { recursive: true });
  }
}

/** The job's number. Throws InputError with Slurm's own words where it refuses. */
function submit(args: readonly string[]): string {
  const { status, stdout, stderr, error } = spawnSync('sbatch', args, {
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, [sweepArgvVariable]: JSON.stringify(process.argv.slice(1)) },
  });
  if (error !== undefined && (error as NodeJS.ErrnoException).code === 'ENOENT')
    throw new InputError(
      '--launcher slurm: no sbatch here; use --launcher local, or run it on a Slurm machine',
    );
  const jobId = /^(\d+)/.exec(stdout ?? '')?.[1];
  if (status !== 0 || jobId === undefined)
    throw new InputError(
      `--launcher slurm: sbatch refused: ${(stderr || error?.message || stdout).trim().replaceAll(/\s*\n\s*/g, '; ')}`,
    );
  return jobId;
}
