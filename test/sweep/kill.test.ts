import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mulberry } from './fixtures/mulberry.ts';
import { resultDigests } from './fixtures/result-digests.ts';
import { runPidsOf, startGcnc, writeTinySweep } from './fixtures/tiny-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'gcnc-kill-'));
after(() => rmSync(folder, { recursive: true }));

const kills = 50;
const path = writeTinySweep(folder, { grid: { 'training.learningRate': [0.01, 0.02] }, seeds: [0, 1, 2] });
const sweep = (out: string) =>
  startGcnc(['sweep', path, '--out', out, '--jobs', '2', '--retries', '8', '--retry-failed']);

test(`${kills} SIGKILLs of runs and of the sweep, and the results are those of an undisturbed sweep`, async (context) => {
  const random = mulberry(7);
  const quiet = join(folder, 'quiet');
  const undisturbed = await sweep(quiet).ended;
  assert.equal(undisturbed.code, 0, undisturbed.stderr);
  const expected = resultDigests(join(quiet, 'tiny'));
  // metrics.jsonl and three checkpoints of four files.
  assert.equal(Object.keys(expected).length, 6 * 13);

  let done = 0;
  let ofSweeps = 0;
  let starts = 0;
  for (let round = 0; done < kills; round += 1) {
    const out = join(folder, `round-${round}`);
    for (let code: number | null = null; code !== 0; ) {
      const { process: parent, ended } = sweep(out);
      starts += 1;
      const isOver = ended.then(() => true);
      while (done < kills) {
        if (await Promise.race([isOver, sleep(500 + 2000 * random(), false)])) break;
        const children = runPidsOf(out);
        const victim = random() < 0.3 ? parent.pid! : children[Math.floor(random() * children.length)];
        if (victim === undefined) continue;
        done += killed(victim);
        if (victim !== parent.pid) continue;
        ofSweeps += 1;
        break;
      }
      const end = await ended;
      code = end.code;
      assert.notEqual(code, 2, end.stderr);
      assert.doesNotMatch(end.stderr, /^\s+at /m);
    }
    assert.deepEqual(differing(resultDigests(join(out, 'tiny')), expected), []);
    const left = readdirSync(join(out, 'tiny'), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      left.filter((name) => name.includes('.tmp-')),
      [],
    );
  }
  context.diagnostic(`${done} kills, ${ofSweeps} of them of the sweep; ${starts} starts of the command`);
  assert.ok(ofSweeps > 5 && ofSweeps < kills - 5, `${ofSweeps} kills of sweeps`);
});

const differing = (
  found: Readonly<Record<string, string>>,
  expected: Readonly<Record<string, string>>,
): string[] =>
  [...new Set([...Object.keys(found), ...Object.keys(expected)])].filter(
    (name) => found[name] !== expected[name],
  );

function killed(pid: number): 0 | 1 {
  try {
    process.kill(pid, 'SIGKILL');
    return 1;
  } catch {
    return 0;
  }
}
