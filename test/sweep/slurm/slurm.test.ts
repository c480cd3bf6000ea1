/** On a real one-node Slurm: test/sweep/slurm/start-slurm.sh starts it, GCNC_TEST_SLURM=1 asks for these tests. */
import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resultDigests, startSweep } from '../fixtures/watch-sweep.ts';

const epochs = '40';
const rates = '0.1,0.2,0.3,0.4,0.5,0.6';
const sweepScript = join(import.meta.dirname, '../fixtures/slurm-sweep.ts');

const gcnc = (...args: string[]): string => {
  const ran = spawnSync(process.execPath, ['--import', 'tsx', sweepScript, ...args], { encoding: 'utf8' });
  assert.equal(ran.status, 0, ran.stderr);
  return ran.stdout + ran.stderr;
};

const slurm = (command: string, ...args: string[]): string =>
  execFileSync(command, args, { encoding: 'utf8' }).trim();

const statusOf = (folder: string): { state: string; attempt: number } | null => {
  try {
    return JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'));
  } catch {
    return null;
  }
};

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let time = 0; !holds(); time += 1) {
    assert.ok(time < 1200, `waited in vain until ${what}\n${slurm('squeue', '--array')}`);
    await sleep(100);
  }
}

/** Slurm lets a requeued job wait for two minutes; the test does not. */
const hurry = (job: string): void => {
  for (const line of slurm('squeue', '-h', '--array', '-j', job, '-t', 'PENDING', '-o', '%F_%K %r').split(
    '\n',
  ))
    if (line.endsWith('BeginTime'))
      slurm('scontrol', 'update', `JobId=${line.split(' ')[0]}`, 'StartTime=now');
};

if (process.env.GCNC_TEST_SLURM === '1') {
  test('an array of 6 runs, one warned, one preempted, one cancelled; the same command completes the sweep', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'gcnc-slurm-'));
    after(() => rmSync(folder, { recursive: true }));
    const out = join(folder, 'slurm');
    const sweep = join(out, 'stub');
    const run = (rate: number): string => join(sweep, `learningRate=${rate}-hash`);

    assert.match(gcnc(out, epochs, rates), /submitted Slurm job \d+: 6 runs/);
    const [first] = readdirSync(join(sweep, 'slurm')).filter((name) => name.endsWith('.json'));
    const job = first!.replace('.json', '');
    assert.match(gcnc(out, epochs, rates), /6 runs are in Slurm's queue already/);

    await until('task 0 trains', () => statusOf(run(0.1))?.state === 'running');
    assert.match(gcnc(out, epochs, rates, 'status'), new RegExp(`running.*${job}_0 .*RUNNING`));
    slurm('scancel', `${job}_5`);
    // As before the time limit. The signal arrives at once; scancel itself then waits for the requeued task to start.
    spawn('scancel', ['--batch', '--signal=USR1', `${job}_0`], { stdio: 'ignore', timeout: 3000 });
    await until('task 0 has checkpointed', () => statusOf(run(0.1))?.state === 'interrupted');

    await until('task 2 trains', () => statusOf(run(0.3))?.state === 'running');
    slurm('sbatch', '--partition=high', '--cpus-per-task=2', '--output=/dev/null', '--wrap=sleep 1');
    await until('task 2 is preempted', () => statusOf(run(0.3))?.state === 'interrupted');

    await until('the queue is empty', () => {
      hurry(job);
      return slurm('squeue', '-h', '-j', job) === '';
    });
    assert.equal(statusOf(run(0.1))?.attempt, 2);
    assert.equal(statusOf(run(0.3))?.attempt, 2);
    assert.match(gcnc(out, epochs, rates, 'status'), /5 done, 1 pending/);

    assert.match(gcnc(out, epochs, rates), /submitted Slurm job \d+: 1 runs/);
    await until('the cancelled run is done', () => statusOf(run(0.6))?.state === 'done');
    assert.match(gcnc(out, epochs, rates), /nothing to do: 6 of 6 runs are done/);

    const quiet = join(folder, 'quiet');
    assert.equal((await startSweep([quiet, epochs, rates, '2']).ended).code, 0);
    assert.deepEqual(resultDigests(sweep), resultDigests(join(quiet, 'stub')));
  });
}
