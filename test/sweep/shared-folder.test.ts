import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { resultDigests } from './fixtures/result-digests.ts';
import { startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'gcnc-shared-'));
after(() => rmSync(folder, { recursive: true }));

const path = writeTinySweep(folder, { grid: { 'training.learningRate': [0.01, 0.02, 0.04] }, seeds: [0, 1] });
const sweep = (out: string) =>
  startGcnc(['sweep', path, '--out', join(folder, out), '--jobs', '1', '--json'], {
    TF_NUM_INTRAOP_THREADS: '1',
  });

interface Printed {
  readonly runs: readonly { readonly folder: string; readonly state: string }[];
}
const runsOf = (stdout: string): Printed['runs'] => (JSON.parse(stdout) as Printed).runs;

/** Epochs that were trained in the run's folder, by whoever. */
const epochsTrained = (run: string): number =>
  readFileSync(join(run, 'log.jsonl'), 'utf8')
    .split('\n')
    .filter((line) => line.includes('"epoch","epoch"')).length;

const attempts = (run: string): number => JSON.parse(readFileSync(join(run, 'status.json'), 'utf8')).attempt;

test('three sweeps at once on one folder share the work and run no run twice', async () => {
  const ends = await Promise.all(['both', 'both', 'both'].map((out) => sweep(out).ended));
  const mine = ends.map(({ code, stdout, stderr }) => {
    assert.equal(code, 0, stderr);
    assert.deepEqual(
      runsOf(stdout).map(({ state }) => state),
      Array(6).fill('done'),
    );
    return stderr.split('\n').filter((line) => line.startsWith('done ') && !line.includes('by another sweep'))
      .length;
  });
  assert.equal(
    mine.reduce((sum, each) => sum + each, 0),
    6,
  );
  assert.ok(mine.filter((count) => count > 0).length > 1, `shares ${mine}`);
  for (const { folder: run } of runsOf(ends[0]!.stdout))
    assert.deepEqual([attempts(run), epochsTrained(run)], [1, 3], run);
});

test('where one of two sweeps is killed, the other takes its run over', async () => {
  const [killed, survivor] = [sweep('killed'), sweep('killed')];
  const running = (): number =>
    readdirSync(join(folder, 'killed', 'tiny'), { withFileTypes: true }).filter(
      (entry) =>
        entry.isDirectory() &&
        readdirSync(join(folder, 'killed', 'tiny', entry.name)).includes('metrics.jsonl'),
    ).length;
  for (;;) {
    try {
      if (running() >= 2) break;
    } catch {}
    await sleep(20);
  }
  killed.process.kill('SIGKILL');
  const { code, stderr } = await survivor.ended;
  assert.equal(code, 0, stderr);
  assert.deepEqual(
    resultDigests(join(folder, 'killed', 'tiny')),
    resultDigests(join(folder, 'both', 'tiny')),
  );
});
