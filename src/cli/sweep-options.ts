import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { InputError } from '../input-error.ts';
import { wholeNumber } from './numbers.ts';

export interface SweepFlags {
  readonly jobs: number | 'auto';
  readonly out: string;
  readonly launcher: 'local' | 'slurm' | 'in-process';
  readonly dryRun?: boolean;
  readonly status?: boolean;
  readonly retryFailed?: boolean;
  readonly retries: number;
  readonly failFast?: boolean;
  readonly force?: boolean;
  readonly gpus?: readonly string[];
  readonly perGpu: number;
  readonly json?: boolean;
  /** Hydra's option: refused with what does its work here. */
  readonly multirun?: boolean;
}

/** The options that `sweep` and `train` share. */
export const addSweepOptions = (command: Command): Command =>
  command
    .argument('<file>', 'sweep file (YAML)')
    .argument('[key=value...]', "overrides, such as training.learningRate=0.1 or 'sweep.seeds=[0,1]'")
    .option('--jobs <n>', 'runs at a time, or auto', jobsOf, 'auto')
    .option('--out <dir>', 'folder of all sweeps', 'runs')
    .addOption(
      new Option('--launcher <name>', 'where runs run')
        .choices(['local', 'slurm', 'in-process'])
        .default('local'),
    )
    .option('--dry-run', 'only show what is done and what is to do')
    .option('--status', 'only show how the runs stand')
    .option('--retry-failed', 'run those again that failed')
    .option('--retries <n>', 'starts again of a run that a signal ended', wholeNumber(0), 2)
    .option('--fail-fast', 'at the first run that fails, checkpoint and stop the others; no more start')
    .option('--force', 'run all anew, beside what is there')
    .option('--gpus <list>', 'GPUs to use, such as 0,1', gpusOf)
    .option('--per-gpu <k>', 'runs at a time on one GPU', wholeNumber(1), 1)
    .option('--json', 'one JSON object on standard output')
    .addOption(new Option('-m, --multirun').hideHelp());

/** Networks up to this width gain little from a second thread: two runs of one thread get through more images than one of two. */
const narrow = 32;

/**
 * Runs at a time: given; else one a GPU; else one a core where all networks are narrow and one for every two cores where one is wider,
 * but no more than there are runs.
 */
export function jobsOfFlags(
  { jobs, gpus, perGpu }: SweepFlags,
  widths: readonly number[],
  cores: number = availableParallelism(),
): number {
  if (gpus !== undefined && jobs !== 'auto')
    throw new InputError('--jobs: with --gpus the number of jobs is GPUs times --per-gpu; leave --jobs out');
  if (gpus === undefined && perGpu > 1)
    throw new InputError('--per-gpu: name the GPUs with --gpus, such as --gpus 0,1');
  if (gpus !== undefined) return gpus.length * perGpu;
  if (jobs !== 'auto') return jobs;
  const isNarrow = widths.every((width) => width <= narrow);
  return Math.max(1, Math.min(widths.length, Math.floor(cores / (isNarrow ? 1 : 2))));
}

const jobsOf = (text: string): number | 'auto' => (text === 'auto' ? text : wholeNumber(1)(text));

function gpusOf(text: string): readonly string[] {
  const gpus = text.split(',').map((each) => each.trim());
  if (gpus.some((gpu) => !/^[\w/-]+$/.test(gpu)) || new Set(gpus).size < gpus.length)
    throw new InvalidArgumentError('Expected different GPU numbers, such as 0,1.');
  return gpus;
}
