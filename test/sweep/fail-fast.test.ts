import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, describe, it } from 'node:test';
import { localLauncher } from '../../src/sweep/launchers/local.ts';
import { runSweep, type SweepOptions } from '../../src/sweep/run-sweep.ts';
import { resultDigests } from './fixtures/result-digests.ts';
import { stubSweep } from './fixtures/stub-sweep.ts';
import { startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-fail-fast-'));
after(() => rmSync(root, { recursive: true }));

/** Runs a shell script as each run's process, `$1` its folder, and returns the end and which runs it was started for. */
async function sweepOfScripts(script: string, given: Partial<SweepOptions>) {
  const out = mkdtempSync(join(root, 'out-'));
  let said = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      said += chunk;
      done();
    },
  });
  const end = await runSweep(stubSweep([0.1, 0.2, 0.3, 0.4]), {
    out,
    retryFailed: false,
    force: false,
    retries: 1,
    failFast: true,
    jobs: 2,
    gpus: [],
    perGpu: 1,
    cores: 2,
    slurm: {},
    launcher: localLauncher(['sh', '-c', `touch "$1/started"; ${script}`, 'stub']),
    stream,
    environment: {},
    ...given,
  });
  const started = end.plan.runs.map(({ folder }) => existsSync(join(folder, 'started')));
  return { ...end, started, said };
}

/** The first run fails once the second has started; the second waits for SIGTERM, and ends as one that checkpointed. */
const firstFails = `
case "$1" in
  *=0.1-*) while [ ! -e "$1/../learningRate=0.2-hash/started" ]; do sleep 0.02; done; echo broken; exit 1 ;;
  *=0.2-*) trap 'exit 75' TERM; touch "$1/trapped"; while :; do sleep 0.02; done ;;
esac`;

describe('--fail-fast', () => {
  it('starts no run after the first failure, stops those at work, and ends with 1', async () => {
    const { exitCode, stoppedAfter, started, said } = await sweepOfScripts(firstFails, {});
    assert.equal(exitCode, 1);
    assert.equal(stoppedAfter, 'learningRate=0.1-hash');
    assert.deepEqual(started, [true, true, false, false]);
    assert.match(said, /failed learningRate=0\.1-hash {2}.*broken/);
    assert.match(said, /--fail-fast: learningRate=0\.1-hash failed; the runs at work checkpoint and stop/);
    assert.match(said, /interrupted learningRate=0\.2-hash/);
  });

  it('is not asked for: the others go on', async () => {
    const { exitCode, stoppedAfter, started } = await sweepOfScripts('case "$1" in *=0.1-*) exit 1 ;; esac', {
      failFast: false,
      jobs: 1,
    });
    assert.deepEqual([exitCode, stoppedAfter, started], [1, null, [true, true, true, true]]);
  });

  it('takes a run that a signal ended for failed only after its last retry', async () => {
    const once = '[ -e "$1/again" ] || { touch "$1/again"; kill -SEGV $$; }';
    const survived = await sweepOfScripts(once, { jobs: 1 });
    assert.deepEqual([survived.exitCode, survived.stoppedAfter], [0, null]);
    const twice = await sweepOfScripts('case "$1" in *=0.2-*) kill -SEGV $$ ;; esac', { jobs: 1 });
    assert.deepEqual([twice.exitCode, twice.stoppedAfter], [1, 'learningRate=0.2-hash']);
    assert.deepEqual(twice.started, [true, true, false, false]);
  });

  it('names no run where the failed one was the last, for nothing is left', async () => {
    const { exitCode, stoppedAfter } = await sweepOfScripts('case "$1" in *=0.4-*) exit 1 ;; esac', {
      jobs: 1,
    });
    assert.deepEqual([exitCode, stoppedAfter], [1, null]);
  });

  it('leaves a sweep that the same command completes, byte for byte as if none had failed', async () => {
    const sweep = { list: [1e30, 0.02, 0.04].map((rate) => ({ 'training.learningRate': rate })) };
    const path = writeTinySweep(join(root, 'real'), sweep, { momentum: 0 });
    const command = (out: string, ...more: string[]): string[] => [
      ...['sweep', path, '--out', join(root, out), '--jobs', '1', ...more],
    ];
    const first = await startGcnc(command('real', '--fail-fast')).ended;
    assert.equal(first.code, 1);
    assert.match(
      first.stderr.trim().split('\n').at(-1)!,
      /^--fail-fast: stopped after lr1e\+30\S* failed: 0 stopped at a checkpoint, 2 not started; the same command goes on/,
    );
    const second = await startGcnc(command('real', '--fail-fast', '--json')).ended;
    const { exitCode, stoppedAfter, runs } = JSON.parse(second.stdout);
    assert.deepEqual([exitCode, stoppedAfter], [1, null]);
    assert.deepEqual(
      runs.map(({ state }: { state: string }) => state),
      ['failed', 'done', 'done'],
    );
    await startGcnc(command('plain')).ended;
    assert.deepEqual(resultDigests(join(root, 'real', 'tiny')), resultDigests(join(root, 'plain', 'tiny')));
  });

  it('is refused where Slurm runs the runs', async () => {
    writeFileSync(join(root, 'slurm.yaml'), 'name: slurm\n');
    const command = ['sweep', join(root, 'slurm.yaml'), '--launcher', 'slurm', '--fail-fast'];
    const { code, stderr } = await startGcnc(command).ended;
    assert.equal(code, 2);
    assert.match(stderr, /^--fail-fast: not with --launcher slurm, /);
  });
});
