import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { aggregate, type Results } from '../../src/report/aggregate.ts';
import { atWork } from '../../src/report/html/at-work.ts';
import { pageParts } from '../../src/report/html/page.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { progressOf } from '../../src/report/run-progress.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { makeSweep } from './sweep-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-at-work-'));
after(() => rmSync(root, { recursive: true }));

/** Two runs that stand at epoch 3 of 6, 100 steps of 128 images each; the second one has logged nothing yet. */
function atEpochThree(name: string): Results {
  const states = {
    0: { state: 'interrupted', reason: 'x' },
    1: { state: 'interrupted', reason: 'x' },
    2: { state: 'failed', reason: 'loss is NaN at step 240' },
    3: { state: 'pending' },
  } as const;
  const folder = makeSweep(root, name, { learningRates: [0.01, 0.02, 0.03, 0.04], seeds: [0], states });
  const sweep = readSweep(folder);
  writeFileSync(
    runPaths(sweep.runs[0]!.folder).log,
    [
      '{"kind":"epoch","epoch":2,"step":200,"imagesPerSecond":100}',
      '{"kind":"epoch","epoch":3,"step":300,"imagesPerSecond":640}',
      '{"kind":"measure","epoch":3,"seconds":2}',
      '{"kind":"epoch","imagesPer',
    ].join('\n'),
  );
  const runs = sweep.runs.map((run) =>
    run.state === 'interrupted' ? { ...run, state: 'running' as const } : run,
  );
  return aggregate({ ...sweep, runs });
}

test("a running run's progress: epoch, losses, the last rate, and what is left at it", () => {
  const [first, second] = atEpochThree('progress').sweep.runs.map(progressOf);
  assert.deepEqual([first!.epoch, first!.ofEpochs, first!.losses.length], [3, 6, 3]);
  assert.equal(first!.imagesPerSecond, 640);
  assert.equal(first!.secondsLeft, (3 * 100 * 128) / 640);
  assert.deepEqual([second!.imagesPerSecond, second!.secondsLeft], [null, null]);
});

test("what is left counts an epoch's images, fewer than its steps times the batch size", () => {
  const { sweep } = atEpochThree('images');
  const path = runPaths(sweep.runs[0]!.folder).log;
  writeFileSync(path, '{"kind":"epoch","epoch":3,"step":300,"images":6400,"imagesPerSecond":640}\n');
  assert.equal(progressOf(sweep.runs[0]!).secondsLeft, (3 * 6400) / 640);
});

test('the page leads with failures and what is at work, and the answer comes below', () => {
  const results = atEpochThree('page');
  const parts = pageParts(results, { figures: [], drawings: new Map() }).filter(
    ({ content }) => content !== null,
  );
  assert.deepEqual(
    parts.slice(0, 3).map(({ id }) => id),
    ['top', 'problems', 'work'],
  );
  const text = parts[2]!.content!.markup;
  assert.match(text, /2 at work, 1 not started/);
  assert.match(text, /3\/6/);
  assert.match(text, /<polyline points="0\.0,0\.0 60\.0,[\d.]+ 120\.0,24\.0"/);
  assert.match(text, />1 min 0 s</);
});

test('nothing at work: no such section', () => {
  const folder = makeSweep(root, 'done', { learningRates: [0.01], seeds: [0], epochs: 2 });
  assert.equal(atWork(aggregate(readSweep(folder))), null);
});
