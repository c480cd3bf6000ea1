import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** One submitted array: `slurm/<jobId>.json` in the sweep's folder. Task i has the run folder `folders[i]`. */
const submissionSchema = z.object({
  jobId: z.string().regex(/^\d+$/),
  submitted: z.string(),
  folders: z.array(z.string()),
});
export type Submission = z.infer<typeof submissionSchema>;

/** What Slurm says of a run: `12_3`, RUNNING, and why it waits or where it runs. */
export interface SlurmTask {
  readonly task: string;
  readonly state: string;
  readonly detail: string;
}

const activeStates =
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|REQUEUED|REQUEUE_HOLD|SUSPENDED|RESIZING|STAGE_OUT|SIGNALING|SPECIAL_EXIT)/;

export const isActive = (task: SlurmTask): boolean => activeStates.test(task.state);

/** Oldest first; a damaged record is passed over: the runs' own locks still keep them from running twice. */
function readSubmissions(sweepFolder: string): readonly Submission[] {
  const folder = join(sweepFolder, 'slurm');
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => /^\d+\.json$/.test(name));
  names.sort((left, right) => Number.parseInt(left, 10) - Number.parseInt(right, 10));
  return names.flatMap((name) => {
    try {
      return [submissionSchema.parse(JSON.parse(readFileSync(join(folder, name), 'utf8')))];
    } catch {
      return [];
    }
  });
}

/** The latest task of each run, by its folder, from sacct (where accounting is on) and squeue (which is newer). */
export function slurmTasks(sweepFolder: string): ReadonlyMap<string, SlurmTask> {
  const tasks = new Map<string, SlurmTask>();
  for (const { jobId, folders } of readSubmissions(sweepFolder)) {
    const past = parseTasks(
      output('sacct', ['-n', '-P', '-X', `-j${jobId}`, '--format=JobID,State,ExitCode']),
    );
    const now = parseTasks(output('squeue', ['-h', '--array', `-j${jobId}`, '-o%F_%K|%T|%R', '-tall']));
    for (const task of [...past, ...now]) {
      const [job, index] = task.task.split('_');
      const folder = folders[Number(index)];
      if (job === jobId && folder !== undefined) tasks.set(folder, task);
    }
  }
  return tasks;
}

/** Lines of `12_3|RUNNING|node1`, or `12_[4-6,9%2]|CANCELLED|` for tasks that never started; others are passed over. */
export function parseTasks(text: string): readonly SlurmTask[] {
  return text.split('\n').flatMap((line) => {
    const [id = '', state, ...detail] = line.trim().split('|');
    const [, job, one, list] = /^(\d+)_(?:(\d+)|\[([\d,-]+)(?:%\d+)?\])$/.exec(id) ?? [];
    if (job === undefined || state === undefined) return [];
    const indices = list === undefined ? [Number(one)] : list.split(',').flatMap(rangeOf);
    return indices.map((index) => ({ task: `${job}_${index}`, state, detail: detail.join('|') }));
  });
}

/** `4-6` is 4, 5, 6. */
function rangeOf(text: string): number[] {
  const [first = 0, last = first] = text.split('-').map(Number);
  return Array.from({ length: Math.max(0, Math.min(last - first + 1, 1e5)) }, (_, index) => first + index);
}

/** Empty where the command is missing or says no: an old job is unknown to squeue, and sacct needs accounting. */
function output(command: string, args: readonly string[]): string {
  const { status, stdout } = spawnSync(command, args, {
    encoding: 'utf8',
    timeout: 60_000,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return status === 0 ? stdout : '';
}
