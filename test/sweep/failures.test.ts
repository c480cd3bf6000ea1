import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { RunEnd } from '../../src/pipeline/run-in-folder.ts';
import { startChildWith } from '../../src/sweep/child-process.ts';
import { resultDigests } from './fixtures/result-digests.ts';
import { runPidsOf, type StartedProgram, startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-failures-'));
after(() => rmSync(root, { recursive: true }));

const rates = { grid: { 'training.learningRate': [0.01, 0.02] } };
const long = writeTinySweep(join(root, 'long'), rates, { epochs: 20, checkpointEvery: { epochs: 10 } });
const sweepOf = (path: string, out: string, ...args: string[]): StartedProgram =>
  startGcnc(['sweep', path, '--out', join(root, out), '--jobs', '2', '--json', ...args]);

interface Printed {
  readonly exitCode: number;
  readonly runs: readonly { readonly folder: string; readonly state: string; readonly reason: string }[];
}

/** What `--json` printed, checked against the exit code. */
async function ending({ ended }: StartedProgram): Promise<Printed & { readonly stderr: string }> {
  const { code, stdout, stderr } = await ended;
  const printed = JSON.parse(stdout) as Printed;
  assert.equal(code, printed.exitCode);
  assert.doesNotMatch(stderr, /^\s+at /m);
  return { ...printed, stderr };
}

const states = ({ runs }: Printed): string[] => runs.map((run) => run.state);

/** Pids of the sweep's runs, once as many have trained an epoch as are asked for, in this start of the command. */
async function training(out: string, runs: number): Promise<readonly number[]> {
  const before = new Map<string, number>();
  for (;;) {
    const pids = runPidsOf(join(root, out));
    const started = pids.filter((pid) => {
      const folder = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').at(-2);
      // A process that has just ended has no arguments any more.
      if (folder === undefined) return false;
      const lines = linesOf(join(folder, 'metrics.jsonl'));
      if (!before.has(folder)) before.set(folder, lines);
      return lines > before.get(folder)!;
    });
    if (started.length >= runs) return started;
    await sleep(20);
  }
}

function linesOf(path: string): number {
  try {
    return readFileSync(path, 'utf8').split('\n').length - 1;
  } catch {
    return 0;
  }
}

describe('a sweep', () => {
  it('interrupted once checkpoints its runs and stops; twice, it stops at once; the same command completes it', async () => {
    const quiet = await ending(sweepOf(long, 'quiet'));
    assert.deepEqual(states(quiet), ['done', 'done']);

    const once = sweepOf(long, 'interrupted');
    await training('interrupted', 2);
    once.process.kill('SIGINT');
    const stopped = await ending(once);
    assert.equal(stopped.exitCode, 130);
    assert.deepEqual(states(stopped), ['interrupted', 'interrupted']);
    for (const { folder, reason } of stopped.runs) {
      assert.equal(reason, 'stopped on request');
      assert.ok(
        linesOf(join(folder, 'metrics.jsonl')) < linesOf(join(quiet.runs[0]!.folder, 'metrics.jsonl')),
      );
    }
    assert.deepEqual(runPidsOf(join(root, 'interrupted')), []);

    const twice = sweepOf(long, 'interrupted');
    await training('interrupted', 2);
    twice.process.kill('SIGINT');
    while (!twice.said().includes('once more stops them now')) await sleep(1);
    twice.process.kill('SIGINT');
    const cut = await ending(twice);
    assert.equal(cut.exitCode, 130);
    assert.ok(
      cut.runs.some(({ reason }) => /^process \d+ on .* is gone$/.test(reason)),
      JSON.stringify(cut),
    );

    assert.deepEqual(states(await ending(sweepOf(long, 'interrupted'))), ['done', 'done']);
    assert.deepEqual(
      resultDigests(join(root, 'interrupted', 'tiny')),
      resultDigests(join(root, 'quiet', 'tiny')),
    );
  });

  it('starts a run again that a signal ended, --retries times; then it has failed, and --retry-failed completes it', async () => {
    const path = writeTinySweep(
      join(root, 'one'),
      { list: [{}] },
      { epochs: 16, checkpointEvery: { epochs: 4 } },
    );
    const survives = sweepOf(path, 'crashed', '--retries', '1');
    const [first] = await training('crashed', 1);
    process.kill(first!, 'SIGSEGV');
    const survived = await ending(survives);
    assert.match(survived.stderr, /killed by SIGSEGV.*; going on from its last checkpoint/);
    assert.deepEqual([states(survived), survived.exitCode], [['done'], 0]);

    const fails = sweepOf(path, 'crashed-twice', '--retries', '0');
    const [only] = await training('crashed-twice', 1);
    process.kill(only!, 'SIGSEGV');
    const failed = await ending(fails);
    assert.deepEqual([states(failed), failed.exitCode], [['failed'], 1]);
    assert.match(failed.runs[0]!.reason, /^killed by SIGSEGV/);

    assert.deepEqual(states(await ending(sweepOf(path, 'crashed-twice'))), ['failed']);
    const retried = await ending(sweepOf(path, 'crashed-twice', '--retry-failed'));
    assert.deepEqual([states(retried), retried.exitCode], [['done'], 0]);
    assert.deepEqual(
      resultDigests(join(root, 'crashed-twice', 'tiny')),
      resultDigests(join(root, 'crashed', 'tiny')),
    );
  });

  it('goes on past a run whose loss is not finite and one whose disk is full, and ends with 1', async () => {
    const path = writeTinySweep(
      join(root, 'bad'),
      { grid: { 'training.learningRate': [1e30, 0.02, 0.04] } },
      { momentum: 0 },
    );
    const planned = await ending(sweepOf(path, 'bad', '--dry-run'));
    const onFullDisk = planned.runs[1]!.folder;
    mkdirSync(onFullDisk, { recursive: true });
    // Every write to /dev/full is refused as by a full disk.
    symlinkSync('/dev/full', join(onFullDisk, 'log.jsonl'));

    const { runs, exitCode } = await ending(sweepOf(path, 'bad', '--jobs', '1'));
    assert.equal(exitCode, 1);
    assert.deepEqual(
      runs.map((run) => run.state),
      ['failed', 'failed', 'done'],
    );
    assert.match(runs[0]!.reason, /^(loss is (NaN|Infinity)|\S+ is not finite \(.*\)) at step \d+/);
    assert.match(runs[1]!.reason, /^disk full: ENOSPC/);

    const again = await ending(sweepOf(path, 'bad'));
    assert.equal(again.exitCode, 1);
    assert.match(again.stderr, /2 failed before; --retry-failed runs them again/);
  });
});

describe("a run's process", () => {
  const endOf = (...command: string[]): Promise<RunEnd | { outcome: 'killed'; reason: string }> =>
    startChildWith(command)(mkdtempSync(join(root, 'child-')), process.env, () => {}).ended;

  it('that ran out of heap has failed for memory', async () => {
    const hoard = 'const all = []; for (;;) all.push(new Array(1e5).fill(all.length));';
    const { outcome, reason } = await endOf(process.execPath, '--max-old-space-size=20', '-e', hoard);
    assert.equal(outcome, 'failed');
    assert.match(reason!, /^out of memory: .*heap out of memory/);
  });

  it('that TensorFlow or the C library gave no memory has failed for memory', async () => {
    const { outcome, reason } = await endOf(
      'sh',
      '-c',
      'echo "terminate called after throwing an instance of \'std::bad_alloc\'" >&2; kill -ABRT $$',
    );
    assert.equal(outcome, 'failed');
    assert.match(reason!, /^out of memory: .*bad_alloc/);
  });

  it('that a signal ended, or a shell between says so, was killed by that signal', async () => {
    assert.deepEqual(await endOf('sh', '-c', 'echo last words >&2; kill -SEGV $$'), {
      outcome: 'killed',
      reason: 'killed by SIGSEGV: last words',
    });
    assert.deepEqual(await endOf('sh', '-c', 'exit 139'), {
      outcome: 'killed',
      reason: 'killed by SIGSEGV',
    });
    assert.deepEqual(await endOf('sh', '-c', 'kill -KILL $$'), {
      outcome: 'killed',
      reason: 'killed by SIGKILL (often for memory)',
    });
  });

  it('that cannot be started, or ends without a word, has failed', async () => {
    const { outcome, reason } = await endOf(join(root, 'no-such-program'));
    assert.equal(outcome, 'failed');
    assert.match(reason!, /ENOENT/);
    assert.deepEqual(await endOf('sh', '-c', 'exit 3'), {
      outcome: 'failed',
      reason: 'exit code 3, and nothing printed',
    });
  });
});
