import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import type { Progress } from '../../src/pipeline/run-one-contract.ts';
import { openDisplay } from '../../src/sweep/open-display.ts';
import { type PlannedRun, planSweep } from '../../src/sweep/plan.ts';
import { openScreen } from './fixtures/screen.ts';
import { stubSweep } from './fixtures/stub-sweep.ts';

const runs: readonly PlannedRun[] = planSweep(
  stubSweep(Array.from({ length: 500 }, (_, index) => (index + 1) / 1000)),
  { out: '/nowhere', retryFailed: false, force: false },
).runs;

const at = (step: number, kind: Progress['kind'] = 'step'): Progress => ({
  kind,
  epoch: Math.floor(step / 10),
  epochs: 10,
  step,
  steps: 100,
  loss: 1 / (step + 1),
  accuracy: null,
  imagesPerSecond: 321.4,
});

/** A clock that only the test moves. */
const clock = () => {
  let ms = 0;
  return { now: () => ms, advance: (seconds: number) => (ms += seconds * 1000) };
};

const plainStream = () => {
  let text = '';
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      text += chunk;
      done();
    },
  });
  return { stream, lines: () => text.split('\n').slice(0, -1) };
};

test('without a terminal: a line for the first epoch and the end of a run, and between them one in 30 s', () => {
  const { stream, lines } = plainStream();
  const { now, advance } = clock();
  const display = openDisplay({ stream, toDo: 1, doneBefore: 0, now, environment: {} });
  const run = runs[0]!;
  display.started(run);
  for (let step = 1; step <= 100; step += 1) {
    advance(1);
    display.progress(run, at(step, step % 10 === 0 ? 'epoch' : 'step'));
  }
  display.ended(run, 'done', null);
  const name = 'learningRate=0.001-hash';
  assert.deepEqual(lines(), [
    `${name}  epoch 1/10  loss 0.09091  321 images/s  1 min 30 s left`,
    `${name}  epoch 4/10  loss 0.02439  321 images/s  1 min 0 s left`,
    `${name}  epoch 7/10  loss 0.01408  321 images/s  30 s left`,
    `${name}  epoch 10/10  loss 0.009901  321 images/s  0 s left`,
    `done ${name}  1 min 40 s  epoch 10/10  loss 0.009901  [1/1]`,
  ]);
});

test('500 runs without a terminal: two lines each, with how far the sweep is', () => {
  const { stream, lines } = plainStream();
  const { now, advance } = clock();
  const display = openDisplay({ stream, toDo: 500, doneBefore: 0, now, environment: {} });
  for (const run of runs) {
    display.started(run);
    for (let step = 1; step <= 20; step += 1) {
      advance(0.1);
      display.progress(run, at(step, step % 10 === 0 ? 'epoch' : 'step'));
    }
    display.ended(run, 'done', null);
  }
  assert.equal(lines().length, 1000);
  assert.match(lines()[999]!, /^done learningRate=0\.5-hash .*\[500\/500\]$/);
});

test('500 runs on a terminal: what ended stands above, once; below it what is at work, never more than fits', (context) => {
  const timers = context.mock.timers;
  timers.enable({ apis: ['setInterval'] });
  const columns = 80;
  const rows = 12;
  const screen = openScreen(columns, rows);
  const { now, advance } = clock();
  const display = openDisplay({
    stream: screen.stream,
    toDo: 500,
    doneBefore: 7,
    now,
    environment: {},
  });
  const atOnce = 20;
  for (const run of runs.slice(0, atOnce)) display.started(run);
  timers.tick(200);
  assert.equal(screen.visible().filter((line) => line.startsWith('·')).length, rows - 3);
  assert.ok(screen.visible().some((line) => line === `  and ${atOnce - (rows - 3)} more`));

  for (const [index, run] of runs.entries()) {
    for (const step of [10, 20]) {
      advance(1);
      display.progress(run, at(step));
      timers.tick(200);
    }
    display.ended(run, index % 100 === 99 ? 'failed' : 'done', index % 100 === 99 ? 'loss is NaN' : null);
    const following = runs[index + atOnce];
    if (following) display.started(following);
    timers.tick(200);
    const below = screen.visible().filter((line) => /^·|^ {2}and |runs ended/.test(line));
    assert.ok(below.length <= rows, `${below.length} lines below`);
  }
  display.close();
  const lines = screen.lines().filter((line) => line !== '');
  const ended = lines.filter((line) => /^(done|failed) /.test(line));
  assert.equal(ended.length, 500);
  assert.equal(new Set(ended.map((line) => line.split(' ')[1])).size, 500);
  assert.equal(lines.filter((line) => line.startsWith('·')).length, 0);
  assert.equal(lines.at(-1), '500 of 500 runs ended, 5 failed, 7 done before, about 0 s left');
});

test('on a terminal a running job shows epoch, loss, images a second and the time left', (context) => {
  context.mock.timers.enable({ apis: ['setInterval'] });
  const screen = openScreen(100, 24);
  const { now, advance } = clock();
  const display = openDisplay({ stream: screen.stream, toDo: 2, doneBefore: 0, now, environment: {} });
  display.started(runs[0]!);
  display.progress(runs[0]!, at(10));
  advance(10);
  display.progress(runs[0]!, at(20));
  context.mock.timers.tick(200);
  assert.ok(
    screen
      .visible()
      .includes('· learningRate=0.001-hash  epoch 2/10  loss 0.04762  321 images/s  1 min 20 s left'),
    screen.visible().join('\n'),
  );
  display.close();
});
