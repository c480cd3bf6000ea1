/** With a stub in sbatch's place: what stands on the disk when it is called, and what is left where it says no. */
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { after, test } from 'node:test';
import { slurmLauncher } from '../../../src/sweep/launchers/slurm.ts';
import { planSweep, prepareRun, writeSweepFile } from '../../../src/sweep/plan.ts';
import { runSweep } from '../../../src/sweep/run-sweep.ts';
import { stubSweep } from '../fixtures/stub-sweep.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-refused-'));
const before = process.env.PATH;
after(() => {
  process.env.PATH = before;
  rmSync(root, { recursive: true });
});

/** The last arguments are the script, the list of folders and the run's command. */
const refusing = 'echo "sbatch: error: Invalid account" >&2; exit 1';
// Fails where a folder of the list has no config.yaml yet.
const accepting =
  'while [ ! -f "$1" ]; do shift; done; for each in $(cat "$2"); do [ -f "$each/config.yaml" ] || exit 1; done; echo 7';

async function submitTo(sbatch: string, out: string, learningRates: readonly number[], force = false) {
  const bin = mkdtempSync(join(root, 'bin-'));
  writeFileSync(join(bin, 'sbatch'), `#!/bin/sh\n${sbatch}\n`);
  chmodSync(join(bin, 'sbatch'), 0o755);
  process.env.PATH = `${bin}:${before}`;
  const stream = new Writable({ write: (_chunk, _encoding, done) => done() });
  await runSweep(stubSweep(learningRates), {
    ...{
      out,
      retryFailed: false,
      force,
      retries: 0,
      failFast: false,
      jobs: 1,
      gpus: [],
      perGpu: 1,
      cores: 1,
    },
    ...{ slurm: {}, launcher: slurmLauncher(['command']), stream, environment: {} },
  });
}

/** A folder of all sweeps with one sweep of these runs, as an earlier command left it. */
function sweepFolder(learningRates: readonly number[]): string {
  const out = mkdtempSync(join(root, 'out-'));
  const input = stubSweep(learningRates);
  const plan = planSweep(input, { out, retryFailed: false, force: false });
  writeSweepFile(plan, input);
  for (const run of plan.runs) prepareRun(run);
  return out;
}

const contentsOf = (out: string): readonly string[] =>
  readdirSync(out, { recursive: true, encoding: 'utf8' }).sort();

test('what Slurm refuses leaves the plan, the runs and the folder as they were', async () => {
  const out = sweepFolder([0.1, 0.2]);
  const stood = contentsOf(out);
  await assert.rejects(submitTo(refusing, out, [0.1, 0.3]), /sbatch refused: sbatch: error: Invalid account/);
  assert.deepEqual(contentsOf(out), stood);
  await assert.rejects(submitTo(refusing, out, [0.1, 0.2], true), /sbatch refused/);
  assert.deepEqual(contentsOf(out), stood);

  const empty = mkdtempSync(join(root, 'out-'));
  await assert.rejects(submitTo(refusing, empty, [0.1]), /sbatch refused/);
  assert.deepEqual(contentsOf(empty), []);
});

test('what Slurm accepts finds its runs, and is the plan from then on', async () => {
  const out = sweepFolder([0.1, 0.2]);
  await submitTo(accepting, out, [0.1, 0.3]);
  const contents = contentsOf(join(out, 'stub'));
  for (const name of ['sweep.1.yaml', 'slurm/7.json', 'learningRate=0.3-hash/config.yaml'])
    assert.ok(contents.includes(name), `${name} is not among ${contents.join(', ')}`);
});
