/** test/sweep/fixtures/former holds a sweep of two runs, made at commit 1125b0e by `gcnc sweep former.yaml`: before format 1. */
import assert from 'node:assert/strict';
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { loadSweepFile } from '../../src/config/load.ts';
import { readRunConfig } from '../../src/pipeline/run-in-folder.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { planSweep, prepareRun } from '../../src/sweep/plan.ts';
import { inputErrorOf, runsOf, scratchFolder } from '../config/scratch.ts';
import { startGcnc } from './fixtures/tiny-sweep.ts';

const names = ['lr0.01-s0-9229005d', 'lr0.1-s0-373357be'];

function formerSweep(context: TestContext) {
  const out = scratchFolder({}, context);
  cpSync(join(import.meta.dirname, 'fixtures/former'), out, { recursive: true });
  return { out, file: join(out, 'former.yaml'), folder: join(out, 'former') };
}

const planOf = ({ out, file }: { readonly out: string; readonly file: string }) => {
  const { name, given } = loadSweepFile(file);
  return planSweep({ name, given, runs: runsOf(file) }, { out, retryFailed: false, force: false });
};

test('a sweep of before format 1 is recognised as done, under its own names', (context) => {
  const { runs, notes } = planOf(formerSweep(context));
  assert.deepEqual(
    runs.map(({ name, found, toDo }) => [name, found.state, toDo]),
    names.map((name) => [name, 'done', false]),
  );
  assert.deepEqual(notes, []);
});

test('its records are read without a problem, and its checkpoints whole', (context) => {
  const { folder } = formerSweep(context);
  const { runs, problems } = readSweep(folder);
  assert.deepEqual(problems, []);
  for (const run of runs) {
    assert.deepEqual(run.problems, []);
    assert.deepEqual([run.epochs.length, run.checkpoints.length], [2, 2]);
    assert.equal(readCheckpoint(runPaths(run.folder).checkpoint(4).folder).state.step, 4);
  }
});

test('sweep trains nothing again, and report and compare read it', async (context) => {
  const sweep = formerSweep(context);
  const metrics = () => names.map((name) => readFileSync(join(sweep.folder, name, 'metrics.jsonl'), 'utf8'));
  const before = metrics();
  // The record's numbers: source GC, then loss, accuracies and source GC.
  for (const [args, says] of [
    [['sweep', sweep.file, '--out', sweep.out], /^former: 2 of 2 runs done\n[\s\S]*^0\.01 .* 3\.73 /m],
    [['report', sweep.folder], /^0\.01 .* 3\.73 [\s\S]*^report: .*former\/report\/report\.html$/m],
    [
      ['compare', join(sweep.folder, names[0]!), join(sweep.folder, names[1]!)],
      /^0\.01 +1\/1 † +3\.20 +4\.17 +3\.13$[\s\S]*^0\.01 +1\/1 † +3\.73 /m,
    ],
  ] as const) {
    const { code, stdout, stderr } = await startGcnc(args).ended;
    assert.equal(code, 0, stderr);
    assert.match(stdout, says);
  }
  assert.deepEqual(metrics(), before);
  assert.deepEqual(
    readdirSync(sweep.folder).filter((name) => name.startsWith('lr')),
    names,
  );
});

test('an interrupted run of it goes on from its checkpoint', async (context) => {
  const sweep = formerSweep(context);
  const run = runPaths(join(sweep.folder, names[0]!));
  const lines = readFileSync(run.metrics, 'utf8').split('\n');
  writeFileSync(run.metrics, `${lines.slice(0, 2).join('\n')}\n`);
  rmSync(run.checkpoint(4).folder, { recursive: true });
  rmSync(run.status);
  const { code, stderr } = await startGcnc(['sweep', sweep.file, '--out', sweep.out]).ended;
  assert.equal(code, 0, stderr);
  const after = readFileSync(run.metrics, 'utf8').split('\n');
  assert.equal(after[0], lines[0]);
  const complexity = (line: string): number => JSON.parse(line).measures[0].geometricComplexity.value;
  assert.ok(
    Math.abs(complexity(after[1]!) / complexity(lines[1]!) - 1) < 1e-4,
    'the checkpoint is measured again',
  );
  assert.deepEqual(
    after.slice(2, -1).map((line) => [JSON.parse(line).format, JSON.parse(line).kind, JSON.parse(line).step]),
    [
      [1, 'epoch', 4],
      [1, 'checkpoint', 4],
    ],
  );
  const [, , epoch, checkpoint] = after.map((line) => JSON.parse(line || '{}'));
  assert.ok(epoch.gradientSquaredNorm > 0);
  assert.equal(checkpoint.pathFlatness, null, 'nobody looked at the first epoch');
  assert.equal(JSON.parse(readFileSync(run.status, 'utf8')).format, 1);
  assert.equal(JSON.parse(readFileSync(run.checkpoint(4).state, 'utf8')).format, 1);
  assert.match(readFileSync(run.checkpoint(4).config, 'utf8'), /^format: 1$/m);
});

test('a newer format is refused by its version, and nothing of it is written over', (context) => {
  const sweep = formerSweep(context);
  const run = runPaths(join(sweep.folder, names[0]!));
  const newer = /: written by a newer version of gcnc \(format 2\); this version reads formats up to 1$/;
  const config = `format: 2\n${readFileSync(run.config, 'utf8')}`;
  writeFileSync(run.config, config);
  assert.match(
    inputErrorOf(() => readRunConfig(run.folder)),
    newer,
  );
  const planned = planOf(sweep).runs.find(({ name }) => name === names[0])!;
  assert.match(
    inputErrorOf(() => prepareRun(planned)),
    newer,
  );
  assert.equal(readFileSync(run.config, 'utf8'), config);
  const { state, folder } = run.checkpoint(4);
  writeFileSync(state, JSON.stringify({ ...JSON.parse(readFileSync(state, 'utf8')), format: 2, more: true }));
  assert.match(
    inputErrorOf(() => readCheckpoint(folder)),
    newer,
  );
  writeFileSync(run.metrics, `${JSON.stringify({ format: 2, kind: 'epoch' })}\n`);
  const { problems } = readSweep(sweep.folder).runs[0]!;
  assert.ok(problems.some((problem) => /^metrics\.jsonl: line 1: written by a newer version/.test(problem)));
});
