import type { Command } from 'commander';
import { InputError } from '../input-error.ts';
import type { SweepFlags } from './sweep-options.ts';
import { type DependentOption, refuseUnused } from './unused-options.ts';

/** An option that a launcher does nothing with. */
interface Unused {
  readonly option: keyof SweepFlags;
  /** Why, and what does its work there: behind "not with --launcher <name>, ". */
  readonly because: string;
  /** Values that ask for no more than the launcher does; none where absent. */
  readonly isFine?: (flags: SweepFlags) => boolean;
}

const oneAtATime = 'which runs one at a time';

const unused: Readonly<Record<SweepFlags['launcher'], readonly Unused[]>> = {
  local: [],
  slurm: [
    { option: 'failFast', because: 'whose jobs go on without this command; scancel ends them' },
    { option: 'jobs', because: 'where slurm.concurrent in the file says how many runs are at work at once' },
    { option: 'gpus', because: 'where slurm.gres in the file asks for cards, such as gpu:1' },
    { option: 'perGpu', because: 'where each run is a task of its own, with what slurm.gres asks for' },
    {
      option: 'retries',
      because:
        'where Slurm requeues tasks (slurm.extra takes options of sbatch); the same command submits what is left',
    },
  ],
  'in-process': [
    { option: 'jobs', because: oneAtATime, isFine: ({ jobs }) => jobs === 'auto' || jobs === 1 },
    { option: 'gpus', because: `${oneAtATime}; name one GPU`, isFine: ({ gpus = [] }) => gpus.length <= 1 },
    { option: 'perGpu', because: oneAtATime, isFine: ({ perGpu }) => perGpu === 1 },
    {
      option: 'retries',
      because: 'where a crash ends this command too; the same command goes on',
      isFine: ({ retries }) => retries === 0,
    },
  ],
};

/** What says how the runs will start is taken, so that `--status` can be put behind a sweep's own line. */
const ofStatus: readonly DependentOption<SweepFlags>[] = [
  {
    option: 'dryRun',
    unusedWhere: ({ status }) =>
      status ? 'does nothing with --status, which shows how the runs stand; give one of the two' : null,
  },
  {
    option: 'force',
    unusedWhere: ({ status }) =>
      status
        ? 'does nothing with --status, which shows the runs that are there; --dry-run shows new ones'
        : null,
  },
];

/** Throws InputError for an option that the user gave, and that the launcher does nothing with. */
export function refuseUnusedOptions(command: Command): void {
  const { launcher, multirun = false } = command.opts<SweepFlags>();
  if (multirun)
    throw new InputError(
      "--multirun: any sweep runs all that it lists, such as 'sweep.grid.training.learningRate=[0.1, 0.2]'; leave the option out",
    );
  refuseUnused(command, ofStatus);
  refuseUnused<SweepFlags>(
    command,
    unused[launcher].map(({ option, because, isFine }) => ({
      option,
      unusedWhere: (flags) => (isFine?.(flags) ? null : `not with --launcher ${launcher}, ${because}`),
    })),
  );
}
