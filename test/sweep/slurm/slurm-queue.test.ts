import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isActive, parseTasks } from '../../../src/sweep/launchers/slurm-queue.ts';
import { sbatchOptions, slurmScript } from '../../../src/sweep/launchers/slurm-script.ts';

test("squeue's and sacct's lines, as Slurm 22.05 prints them, become tasks", () => {
  const tasks = parseTasks(
    '1_0|COMPLETED|0:0\n1_1|CANCELLED by 0|0:0\n1_2|PENDING|(JobArrayTaskLimit)\n7|RUNNING|vm\n',
  );
  assert.deepEqual(tasks, [
    { task: '1_0', state: 'COMPLETED', detail: '0:0' },
    { task: '1_1', state: 'CANCELLED by 0', detail: '0:0' },
    { task: '1_2', state: 'PENDING', detail: '(JobArrayTaskLimit)' },
  ]);
  assert.deepEqual(tasks.map(isActive), [false, false, true]);
});

test('tasks that never started stand in one line, and are told apart', () => {
  assert.deepEqual(
    parseTasks('4_[0-2,7%2]|CANCELLED by 0|0:0').map(({ task }) => task),
    ['4_0', '4_1', '4_2', '4_7'],
  );
  assert.deepEqual(parseTasks('4_[]|CANCELLED|\n4_[x]|CANCELLED|\n_3|RUNNING|'), []);
});

test('an array has its options from the config, and the extra ones last', () => {
  const options = sbatchOptions({
    name: 'lr',
    tasks: 6,
    outputFolder: '/runs/lr/slurm',
    slurm: {
      partition: 'gpu',
      time: '4:00:00',
      gres: 'gpu:1',
      memory: '16G',
      cpus: 4,
      concurrent: 2,
      extra: ['--account=a'],
    },
  });
  assert.equal(
    options.join(' '),
    '--parsable --array=0-5%2 --requeue --open-mode=append --signal=B:USR1@120 --job-name=gcnc-lr --output=/runs/lr/slurm/%A_%a.log --partition=gpu --time=4:00:00 --gres=gpu:1 --mem=16G --cpus-per-task=4 --account=a',
  );
  assert.match(slurmScript(['module load cuda']), /\nmodule load cuda\n/);
});
