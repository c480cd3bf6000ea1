import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { mulberry } from './fixtures/mulberry.ts';
import { resultDigests, runPidsOf, startSweep } from './fixtures/watch-sweep.ts';

const folder = mkdtempSync(join(tmpdir(), 'gcnc-kill-'));
after(() => rmSync(folder, { recursive: true }));

const kills = 50;
const sweep = ['30', '0.1,0.2,0.3,0.4', '2'];

test(`${kills} SIGKILLs of runs and of the sweep, and the results are those of an undisturbed sweep`, async () => {
  const random = mulberry(7);
  const quiet = join(folder, 'quiet');
  const undisturbed = await startSweep([quiet, ...sweep]).ended;
  assert.equal(undisturbed.code, 0, undisturbed.printed);
  const expected = resultDigests(join(quiet, 'stub'));
  assert.ok(Object.keys(expected).length > 4 * 30);

  let done = 0;
  let ofSweeps = 0;
  for (let round = 0; done < kills; round += 1) {
    const out = join(folder, `round-${round}`);
    for (let code: number | null = null; code !== 0; ) {
      const { process: parent, ended } = startSweep([out, ...sweep, 'retry-failed']);
      const isOver = ended.then(() => true);
      while (done < kills) {
        if (await Promise.race([isOver, sleep(100 + 800 * random(), false)])) break;
        const children = runPidsOf(out);
        const victim = random() < 0.4 ? parent.pid! : children[Math.floor(random() * children.length)];
        if (victim === undefined) continue;
        done += killed(victim);
        if (victim !== parent.pid) continue;
        ofSweeps += 1;
        break;
      }
      code = (await ended).code;
      assert.notEqual(code, 2);
    }
    assert.deepEqual(resultDigests(join(out, 'stub')), expected);
    const left = readdirSync(join(out, 'stub'), { recursive: true, encoding: 'utf8' });
    assert.deepEqual(
      left.filter((name) => name.includes('.tmp-')),
      [],
    );
  }
  assert.ok(ofSweeps > 5 && ofSweeps < kills - 5, `${ofSweeps} kills of sweeps`);
});

function killed(pid: number): 0 | 1 {
  try {
    process.kill(pid, 'SIGKILL');
    return 1;
  } catch {
    return 0;
  }
}
