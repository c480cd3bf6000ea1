import assert from 'node:assert/strict';
import { it } from 'node:test';
import { startSpeedometer } from '../../src/pipeline/speedometer.ts';

it('images per second are of the steps since the last restart, and a watcher hears once per second', () => {
  let time = 0;
  const speed = startSpeedometer(() => time);
  assert.equal(speed.rate(), null);
  assert.equal(speed.isDue(), false);
  for (let step = 0; step < 10; step++) {
    time += 200;
    speed.count(32);
  }
  assert.equal(speed.rate(), 160);
  assert.deepEqual([speed.isDue(), speed.isDue()], [true, false]);
  time += 60_000;
  speed.restart();
  time += 500;
  speed.count(32);
  assert.equal(speed.rate(), 64);
});
