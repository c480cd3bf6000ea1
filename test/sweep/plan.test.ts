import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { loadSweepFile } from '../../src/config/load.ts';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { readRunConfig } from '../../src/pipeline/run-in-folder.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { planSweep, prepareRun, writeSweepFile } from '../../src/sweep/plan.ts';
import { runsOf, scratchFolder } from '../config/scratch.ts';

function planOf(out: string, path: string, overrides: readonly string[] = []) {
  const { name, given } = loadSweepFile(path, overrides);
  const input = { name, given, runs: runsOf(path, overrides) };
  const plan = planSweep(input, { out, retryFailed: false, force: false });
  writeSweepFile(plan, input);
  for (const run of plan.runs) prepareRun(run);
  return plan;
}

test("a run's config.yaml gives back the hash in its folder's name", (context) => {
  const out = scratchFolder({ 'a.yaml': 'sweep: {grid: {training.learningRate: [1e-7, 0.3]}}\n' }, context);
  for (const { spec, folder } of planOf(out, join(out, 'a.yaml')).runs) {
    assert.equal(hashOfConfig(readRunConfig(folder)), spec.hash);
    assert.ok(basename(folder).endsWith(`-${spec.hash}`));
  }
});

test('a run keeps its folder where the sweep comes to vary another key', (context) => {
  const out = scratchFolder({ 'a.yaml': 'sweep: {grid: {training.learningRate: [0.1, 0.2]}}\n' }, context);
  const before = planOf(out, join(out, 'a.yaml'));
  const after = planOf(out, join(out, 'a.yaml'), ['sweep.grid.training.batchSize=[64, 128]']);
  assert.deepEqual(
    after.runs.filter((run) => run.spec.config.training.batchSize === 128).map((run) => run.folder),
    before.runs.map((run) => run.folder),
  );
  assert.equal(new Set(after.runs.map((run) => run.folder)).size, 4);
  const written = parse(readFileSync(join(after.folder, 'sweep.yaml'), 'utf8'));
  assert.deepEqual(
    written.runs.map((run: { folder: string }) => run.folder),
    after.runs.map((run) => run.name),
  );
  for (const run of after.runs) assert.ok(readFileSync(runPaths(run.folder).config, 'utf8').length > 0);
  assert.match(after.notes.join(), /2 new runs, 0 runs of the earlier config/);
});

test('sweep.yaml has the own value of each run for every key that an entry of its list sets', (context) => {
  const out = scratchFolder(
    {
      'a.yaml':
        'training: {learningRate: 0.02}\nsweep:\n  list: [{training.learningRate: 0.1}, {training.momentum: 0.5}]\n',
    },
    context,
  );
  const { folder } = planOf(out, join(out, 'a.yaml'));
  const written = parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8'));
  assert.deepEqual(
    written.runs.map(({ parameters }: { parameters: Record<string, number> }) => [
      parameters['training.learningRate'],
      parameters['training.momentum'],
    ]),
    [
      [0.1, 0.9],
      [0.02, 0.5],
    ],
  );
});

test('a plan that can give no verdict says so; seeds and other ways to measure are no configurations', (context) => {
  const rates = (list: string, rest = ''): string =>
    `sweep: {grid: {training.learningRate: ${list}${rest}}, seeds: [0, 1]}\n`;
  const out = scratchFolder(
    {
      'one.yaml': 'sweep: {seeds: [0, 1, 2]}\n',
      'four.yaml': rates('[0.1, 0.2, 0.3, 0.4]', ', measure.examples: [64, 128]'),
      'five.yaml': rates('[0.1, 0.2, 0.3, 0.4, 0.5]'),
    },
    context,
  );
  const notesOf = (name: string): readonly string[] => planOf(out, join(out, name)).notes;
  assert.deepEqual(notesOf('one.yaml'), []);
  assert.deepEqual(notesOf('four.yaml'), [
    '4 configurations: no verdict on a trend; 5 are the least, 8 recommended',
  ]);
  assert.deepEqual(notesOf('five.yaml'), []);
});
