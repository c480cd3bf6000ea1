import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { writeProvenance } from '../../src/runs/provenance.ts';
import { inProcessLauncher } from '../../src/sweep/launchers/in-process.ts';
import type { LaunchRequest } from '../../src/sweep/launchers/launcher.ts';

const before = { ...process.env };
after(() => {
  for (const name of ['CUDA_VISIBLE_DEVICES', 'TF_NUM_INTRAOP_THREADS'])
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
});

const root = mkdtempSync(join(tmpdir(), 'gcnc-in-process-'));
after(() => rmSync(root, { recursive: true }));

/** A run's folder whose first attempt had so many threads. */
const begunWith = (threads: string) => {
  const folder = mkdtempSync(join(root, 'run-'));
  const environment = { TF_NUM_INTRAOP_THREADS: threads };
  writeProvenance(folder, 1, { environment, now: () => new Date(), cpuFlags: null });
  return { name: `run of ${threads}`, folder };
};
const launch = (runs: readonly unknown[], rest: Partial<LaunchRequest>) => {
  const signal = new AbortController().signal;
  const request = {
    ...{ runs, slots: [], retries: 0, failFast: false, slurm: {}, recordPlan: () => {} },
    ...{ stop: signal, kill: signal, ...rest },
  };
  return inProcessLauncher(() => Promise.reject(new Error('no run is there')))(
    request as unknown as LaunchRequest,
  );
};

test('runs that began with another number of threads than each other are refused before anything is written', () => {
  let recorded = false;
  assert.throws(
    () =>
      launch([begunWith('1'), begunWith('2')], {
        recordPlan: () => {
          recorded = true;
        },
      }),
    new InputError(
      '--launcher in-process: run of 1 began with 1 threads and run of 2 with 2, and one process has one number; go on without it',
    ),
  );
  assert.equal(recorded, false);
});

test("runs in this process have the first slot's card, and all cores: they are one at a time", async () => {
  delete process.env.TF_NUM_INTRAOP_THREADS;
  const slots = ['3', '4'].map((card) => ({ CUDA_VISIBLE_DEVICES: card, TF_NUM_INTRAOP_THREADS: '1' }));
  await launch([], { slots });
  assert.equal(process.env.CUDA_VISIBLE_DEVICES, '3');
  assert.equal(process.env.TF_NUM_INTRAOP_THREADS, undefined);
});

test('a run that goes on in this process has the threads that it began with', () => {
  delete process.env.TF_NUM_INTRAOP_THREADS;
  const stopped = new Error('stopped before the run');
  assert.throws(
    () =>
      launch([begunWith('3')], {
        recordPlan: () => {
          throw stopped;
        },
      }),
    stopped,
  );
  assert.equal(process.env.TF_NUM_INTRAOP_THREADS, '3');
});
