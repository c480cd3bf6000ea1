/** On a real one-node Slurm that the test starts, where Debian's slurm-wlm and munge are installed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resultDigests } from '../fixtures/result-digests.ts';
import { startGcnc, writeTinySweep } from '../fixtures/tiny-sweep.ts';
import { hasSlurm, startSlurm } from './one-node-slurm.ts';

const statusOf = (folder: string): { state: string; attempt: number } | null => {
  try {
    return JSON.parse(readFileSync(join(folder, 'status.json'), 'utf8'));
  } catch {
    return null;
  }
};

if (hasSlurm) {
  test('an array of 6 runs, one warned, one preempted, one cancelled; the same command completes the sweep', async () => {
    const root = mkdtempSync(join(tmpdir(), 'gcnc-slurm-'));
    after(() => rmSync(root, { recursive: true }));
    const { environment, client, stop } = await startSlurm();
    after(stop);

    const until = async (what: string, holds: () => boolean): Promise<void> => {
      for (let time = 0; !holds(); time += 1) {
        assert.ok(time < 3000, `waited in vain until ${what}\n${client('squeue', '--array')}`);
        await sleep(100);
      }
    };
    /** Slurm lets a requeued job wait for two minutes; the test does not. */
    const hurry = (job: string): void => {
      const waiting = client('squeue', '-h', '--array', '-j', job, '-t', 'PENDING', '-o', '%F_%K %r');
      for (const line of waiting.split('\n'))
        if (line.endsWith('BeginTime'))
          client('scontrol', 'update', `JobId=${line.split(' ')[0]}`, 'StartTime=now');
    };

    const path = writeTinySweep(
      root,
      // Tasks 0 and 2 are still at work when Slurm comes to warn and to preempt them.
      { list: [250, 21, 251, 22, 23, 24].map((epochs) => ({ 'training.epochs': epochs })) },
      { checkpointEvery: { epochs: 50 } },
      { partition: 'low', cpus: 1, time: '0:10:00', concurrent: 2 },
    );
    const gcnc = async (...args: string[]): Promise<string> => {
      const out = join(root, 'slurm');
      const { code, stdout, stderr } = await startGcnc(['sweep', path, '--out', out, ...args], environment)
        .ended;
      assert.equal(code, 0, stderr);
      return stdout + stderr;
    };
    const submit = ['--launcher', 'slurm'];
    const sweep = join(root, 'slurm', 'tiny');

    assert.match(await gcnc(...submit), /submitted Slurm job \d+: 6 runs/);
    assert.match(await gcnc(...submit), /6 runs are in Slurm's queue already/);
    const [record] = readdirSync(join(sweep, 'slurm')).filter((name) => name.endsWith('.json'));
    const { jobId: job, folders } = JSON.parse(readFileSync(join(sweep, 'slurm', record!), 'utf8')) as {
      jobId: string;
      folders: string[];
    };
    assert.equal(folders.length, 6);
    const run = (index: number): string => folders[index]!;
    client('scancel', `${job}_5`);

    await until('task 0 trains', () => statusOf(run(0))?.state === 'running');
    // As before the time limit. The signal arrives at once; scancel itself then waits for the requeued task to start.
    const warning = spawn('scancel', ['--batch', '--signal=USR1', `${job}_0`], {
      stdio: 'ignore',
      timeout: 3000,
      env: environment,
    });
    await until('task 0 has checkpointed', () => statusOf(run(0))?.state === 'interrupted');
    await new Promise((resolve) =>
      warning.exitCode === null ? warning.on('close', resolve) : resolve(null),
    );
    assert.match(await gcnc('--status'), new RegExp(`${job}_[1-4] .*(RUNNING|PENDING)`));

    await until('task 2 trains', () => statusOf(run(2))?.state === 'running');
    client('sbatch', '--partition=high', '--cpus-per-task=2', '--output=/dev/null', '--wrap=sleep 1');
    await until('task 2 is preempted', () => {
      assert.notEqual(statusOf(run(2))?.state, 'done');
      return statusOf(run(2))?.state === 'interrupted' || (statusOf(run(2))?.attempt ?? 0) > 1;
    });

    await until('the queue is empty', () => {
      hurry(job);
      return client('squeue', '-h', '-j', job) === '';
    });
    assert.equal(statusOf(run(0))?.attempt, 2);
    assert.ok((statusOf(run(2))?.attempt ?? 0) >= 2);
    assert.match(await gcnc('--status'), /5 done, 1 pending/);

    assert.match(await gcnc(...submit), /submitted Slurm job \d+: 1 runs/);
    await until('the cancelled run is done', () => statusOf(run(5))?.state === 'done');
    assert.match(await gcnc(...submit), /nothing to do: 6 of 6 runs are done/);

    const quiet = join(root, 'quiet');
    const undisturbed = await startGcnc(['sweep', path, '--out', quiet, '--jobs', '2'], {
      TF_NUM_INTRAOP_THREADS: '1',
    }).ended;
    assert.equal(undisturbed.code, 0, undisturbed.stderr);
    assert.deepEqual(resultDigests(sweep), resultDigests(join(quiet, 'tiny')));
  });
}
