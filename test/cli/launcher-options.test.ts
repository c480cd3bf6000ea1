import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { refuseUnusedOptions } from '../../src/cli/launcher-options.ts';
import { addSweepOptions } from '../../src/cli/sweep-options.ts';
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
