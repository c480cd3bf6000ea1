import type { SlurmConfig } from '../../config/schema.ts';

/**
 * The batch script of a job array. Task i runs the run whose folder is line i + 1 of the list; sbatch passes the list and
 * the run's command. On the warning before the time limit (USR1, to this shell) the run checkpoints, and the task is requeued; on
 * a cancellation or preemption (TERM) it checkpoints, and Slurm decides what follows.
 */
export function slurmScript(setup: readonly string[]): string {
  return `#!/bin/bash
list=$1
shift
folder=$(sed -n "$((SLURM_ARRAY_TASK_ID + 1))p" "$list")
[ -n "$SLURM_CPUS_PER_TASK" ] && export TF_NUM_INTRAOP_THREADS=\${TF_NUM_INTRAOP_THREADS:-$SLURM_CPUS_PER_TASK}
${setup.join('\n')}
"$@" "$folder" &
child=$!
requeue=0
trap 'requeue=1; signalled=1; kill -USR1 $child 2>/dev/null' USR1
trap 'signalled=1; kill -TERM $child 2>/dev/null' TERM
while :; do
  signalled=0
  wait $child
  code=$?
  [ $signalled = 0 ] && break
done
# 75: stopped with a checkpoint; 76: another sweep has the run.
if [ $code = 75 ] && [ $requeue = 1 ]; then
  scontrol requeue "\${SLURM_ARRAY_JOB_ID}_\${SLURM_ARRAY_TASK_ID}"
  exit 0
fi
if [ $code = 76 ]; then
  echo "$folder: another process has this run"
  exit 0
fi
exit $code
`;
}

/** sbatch's options for an array of `tasks` tasks; `slurm.extra` comes last and so has the last word. */
export function sbatchOptions(given: {
  readonly name: string;
  readonly tasks: number;
  readonly outputFolder: string;
  readonly slurm: SlurmConfig;
}): readonly string[] {
  const { partition, time, gres, memory, cpus, concurrent, extra = [] } = given.slurm;
  const option = (name: string, value: string | number | undefined): string[] =>
    value === undefined ? [] : [`--${name}=${value}`];
  return [
    '--parsable',
    `--array=0-${given.tasks - 1}${concurrent === undefined ? '' : `%${concurrent}`}`,
    '--requeue',
    '--open-mode=append',
    '--signal=B:USR1@120',
    `--job-name=gcnc-${given.name}`,
    `--output=${given.outputFolder}/%A_%a.log`,
    ...option('partition', partition),
    ...option('time', time),
    ...option('gres', gres),
    ...option('mem', memory),
    ...option('cpus-per-task', cpus),
    ...extra,
  ];
}
