import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { inProcessLauncher } from '../../src/sweep/launchers/in-process.ts';
import type { LaunchRequest } from '../../src/sweep/launchers/launcher.ts';

const before = { ...process.env };
after(() => {
  for (const name of ['CUDA_VISIBLE_DEVICES', 'TF_NUM_INTRAOP_THREADS'])
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
});

test("runs in this process have the first slot's card, and all cores: they are one at a time", async () => {
  delete process.env.TF_NUM_INTRAOP_THREADS;
  const slots = ['3', '4'].map((card) => ({ CUDA_VISIBLE_DEVICES: card, TF_NUM_INTRAOP_THREADS: '1' }));
  const signal = new AbortController().signal;
  const request = {
    ...{ runs: [], slots, retries: 0, failFast: false, slurm: {}, recordPlan: () => {} },
    stop: signal,
    kill: signal,
  };
  await inProcessLauncher(() => Promise.reject(new Error('no run is there')))(
    request as unknown as LaunchRequest,
  );
  assert.equal(process.env.CUDA_VISIBLE_DEVICES, '3');
  assert.equal(process.env.TF_NUM_INTRAOP_THREADS, undefined);
});
