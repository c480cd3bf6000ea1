import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runsOf } from './scratch.ts';

const folder = join(import.meta.dirname, '../../configs');
const runCounts: Readonly<Record<string, number>> = {
  'quickstart.yaml': 10,
  'lr.yaml': 3,
  'batch-size.yaml': 3,
  'l2.yaml': 3,
  'vgg.yaml': 4,
  'slurm.yaml': 30,
  'fine-tune.yaml': 1,
  'smoke.yaml': 2,
};

test('every config that comes with the program is known here', () => {
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(runCounts).sort());
});

for (const [name, count] of Object.entries(runCounts))
  test(`configs/${name} is valid, has ${count} runs and a protocol's header`, () => {
    assert.equal(runsOf(join(folder, name)).length, count);
    const header = readFileSync(join(folder, name), 'utf8');
    assert.match(
      header,
      /^# Question: .*\n(?:#.*\n)*# Command: .*\n(?:#.*\n)*# Cost: .*\n(?:#.*\n)*# Expected: /,
    );
  });

test('runs of configs/batch-size.yaml take equally many steps', () => {
  const steps = runsOf(join(folder, 'batch-size.yaml')).map(
    ({ config: { training } }) => training.epochs * Math.ceil((64 * 200) / training.batchSize),
  );
  assert.deepEqual(steps, [800, 800, 800]);
});
