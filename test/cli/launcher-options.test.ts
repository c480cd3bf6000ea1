import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { refuseUnusedOptions } from '../../src/cli/launcher-options.ts';
import { addSweepOptions } from '../../src/cli/sweep-options.ts';
import { loadSweepFile } from '../../src/config/load.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { refusalOf } from './in-process.ts';

const parsed = (launcher: string, ...options: string[]): Command =>
  addSweepOptions(new Command('sweep')).parse(['a.yaml', '--launcher', launcher, ...options], {
    from: 'user',
  });
const lineOf = (...given: [launcher: string, ...options: string[]]): string =>
  inputErrorOf(() => refuseUnusedOptions(parsed(...given)));

test('Slurm refuses what it does nothing with, and says what does its work there', () => {
  for (const [options, says] of [
    [['--fail-fast'], /^--fail-fast: not with --launcher slurm, whose jobs go on .*; scancel ends them$/],
    [['--jobs', '4'], /^--jobs: not with --launcher slurm, where slurm.concurrent /],
    [['--jobs', 'auto'], /^--jobs: /],
    [['--gpus', '0,1'], /^--gpus: not with --launcher slurm, where slurm.gres .*gpu:1$/],
    [['--per-gpu', '1'], /^--per-gpu: not with --launcher slurm, .* slurm.gres /],
    [['--retries', '2'], /^--retries: not with --launcher slurm, where Slurm requeues tasks \(slurm.extra /],
  ] as const)
    assert.match(lineOf('slurm', ...options), says);
});

test('one process refuses what asks for more than one run at a time, and a start after a crash', () => {
  for (const options of [
    ['--jobs', '2'],
    ['--gpus', '0,1'],
    ['--gpus', '0', '--per-gpu', '2'],
    ['--retries', '2'],
  ])
    assert.match(lineOf('in-process', ...options), /^--\S+: not with --launcher in-process, w/);
});

test('what was not given is not refused, nor what a launcher does', () => {
  const taken: readonly (readonly [launcher: string, ...options: string[]])[] = [
    ['slurm'],
    ['slurm', '--force', '--retry-failed', '--json'],
    ['in-process', '--jobs', '1', '--gpus', '3', '--per-gpu', '1', '--retries', '0', '--fail-fast'],
    ['local', '--gpus', '0,1', '--per-gpu', '2', '--retries', '0', '--fail-fast'],
  ];
  for (const given of taken) refuseUnusedOptions(parsed(...given));
});

test('gcnc sweep and gcnc train refuse it before they read the file', async () => {
  for (const command of ['sweep', 'train'])
    assert.match(
      await refusalOf([command, 'missing.yaml', '--launcher', 'slurm', '--gpus', '0']),
      /^--gpus: not with --launcher slurm, /,
    );
});

test("Hydra's --multirun and its lists are refused with the override that varies a key", async () => {
  const file = 'configs/quickstart.yaml';
  const grid = 'sweep.grid.training.learningRate=[0.1, 0.2]';
  assert.match(
    await refusalOf(['sweep', file, '-m']),
    /^--multirun: .*'sweep\.grid\..*=\[0\.1, 0\.2\]'; leave/,
  );
  const given = ['training.learningRate=0.1,0.2', 'seed=0,1', 'fewshot.shots=1,5'];
  const [rate, seed, shots] = given.map((each) => inputErrorOf(() => loadSweepFile(file, [each])));
  assert.ok(rate!.endsWith(`, not "0.1,0.2"; to vary it: '${grid}'`), rate);
  assert.ok(seed!.endsWith("; to vary it: 'sweep.seeds=[0, 1]'"), seed);
  assert.ok(shots!.endsWith("; as a list: 'fewshot.shots=[1, 5]'"), shots);
  const rates = loadSweepFile(file, [grid]).file.sweep?.grid?.['training.learningRate'];
  assert.deepEqual(rates, [0.1, 0.2]);
});
