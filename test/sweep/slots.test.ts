import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { jobsOfFlags, type SweepFlags } from '../../src/cli/sweep-options.ts';
import { InputError } from '../../src/input-error.ts';
import { localLauncher } from '../../src/sweep/launchers/local.ts';
import { runSweep, type SweepOptions } from '../../src/sweep/run-sweep.ts';
import { slotsOf } from '../../src/sweep/scheduler.ts';
import { stubSweep } from './fixtures/stub-sweep.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-slots-'));
after(() => rmSync(root, { recursive: true }));

const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });

/** What the doctor says where there is a card. */
const hasCard = JSON.stringify({ tensorflow: { device: 'gpu', error: null } });

/** Runs stubs that note their environment, and returns it with when each began and ended, in order of begin. */
async function environments(runs: number, given: Partial<SweepOptions>) {
  const out = mkdtempSync(join(root, 'out-'));
  const note = join(out, 'environments');
  const noteOf = (event: string): string =>
    `echo ${event} "\${CUDA_VISIBLE_DEVICES--}" "\${TF_NUM_INTRAOP_THREADS--}" >> ${note}`;
  const stub = `${noteOf('begin')}; sleep 0.2; ${noteOf('end')}`;
  const { exitCode } = await runSweep(
    stubSweep(Array.from({ length: runs }, (_, index) => (index + 1) / 100)),
    {
      out,
      retryFailed: false,
      force: false,
      retries: 0,
      failFast: false,
      jobs: 1,
      gpus: [],
      perGpu: 1,
      cores: 8,
      slurm: {},
      launcher: localLauncher(['sh', '-c', stub, 'stub'], ['echo', hasCard]),
      stream: nowhere,
      environment: {},
      ...given,
    },
  );
  assert.equal(exitCode, 0);
  return readFileSync(note, 'utf8')
    .trim()
    .split('\n')
    .map((line) => {
      const [event, gpu, threads] = line.split(' ') as [string, string, string];
      return { event, gpu, threads };
    });
}

/** How many were at work at once, at most. */
function mostAtOnce(events: readonly { readonly event: string }[]): number {
  let now = 0;
  return Math.max(...events.map(({ event }) => (now += event === 'begin' ? 1 : -1)));
}

test('--gpus 0,1 --per-gpu 2: each process sees one GPU, and a GPU has two at a time at most', async () => {
  const events = await environments(8, { gpus: ['0', '1'], perGpu: 2, jobs: 4 });
  for (const gpu of ['0', '1']) {
    const own = events.filter((each) => each.gpu === gpu);
    assert.equal(mostAtOnce(own), 2);
    assert.ok(own.length >= 4, `${own.length / 2} runs on GPU ${gpu}`);
  }
  assert.equal(events.length, 16);
  assert.equal(mostAtOnce(events), 4);
});

test('--jobs N: N at a time, each with its share of the cores, and no GPU chosen for it', async () => {
  const events = await environments(5, { jobs: 3 });
  assert.equal(mostAtOnce(events), 3);
  for (const { gpu, threads } of events) assert.deepEqual([gpu, threads], ['-', '2']);
});

test('one job has all cores; threads that the user chose stay', () => {
  const slots = (jobs: number, environment: NodeJS.ProcessEnv) =>
    slotsOf({ jobs, gpus: [], perGpu: 1, cores: 8, environment });
  assert.deepEqual(slots(1, {}), [{}]);
  assert.deepEqual(slots(2, {}), Array(2).fill({ TF_NUM_INTRAOP_THREADS: '4' }));
  assert.deepEqual(slots(2, { TF_NUM_INTRAOP_THREADS: '1' }), [{}, {}]);
  assert.deepEqual(slots(20, {})[19], { TF_NUM_INTRAOP_THREADS: '1' });
});

test('--jobs auto: a core a narrow run, two a wide one, or what the GPUs hold; contradictions are told', () => {
  const flags: SweepFlags = { jobs: 'auto', out: 'runs', launcher: 'local', retries: 2, perGpu: 1 };
  const [narrow, wide] = [Array(20).fill(32), [...Array(19).fill(16), 64]];
  assert.equal(jobsOfFlags(flags, wide, 1), 1);
  assert.equal(jobsOfFlags(flags, wide, 8), 4);
  assert.equal(jobsOfFlags(flags, narrow, 8), 8);
  assert.equal(jobsOfFlags(flags, [16, 16, 16], 8), 3);
  assert.equal(jobsOfFlags(flags, [], 8), 1);
  assert.equal(jobsOfFlags({ ...flags, jobs: 3 }, narrow, 8), 3);
  assert.equal(jobsOfFlags({ ...flags, gpus: ['0', '3'], perGpu: 2 }, narrow, 8), 4);
  assert.throws(() => jobsOfFlags({ ...flags, gpus: ['0'], jobs: 3 }, narrow, 8), InputError);
  assert.throws(() => jobsOfFlags({ ...flags, perGpu: 2 }, narrow, 8), InputError);
});
