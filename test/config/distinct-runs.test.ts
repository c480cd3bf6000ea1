import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expandSweep } from '../../src/config/expand.ts';
import { sweepFileSchema } from '../../src/config/schema.ts';
import { inputErrorOf } from './scratch.ts';

const expand = (file: object) => expandSweep(sweepFileSchema.parse(file));
const lineOf = (file: object): string => inputErrorOf(() => expand(file));

const untrained = (key: string, values: readonly unknown[], others: object = {}) => ({
  ...others,
  training: { epochs: 0 },
  sweep: { grid: { [key]: values } },
});

test('a run without training takes the keys of training, so that one override makes it of any config', () => {
  const training = { epochs: 0, learningRate: 0.1, momentum: 0.5, schedule: { name: 'cosine' } };
  assert.equal(expand({ training, sweep: { seeds: [0, 1] } }).length, 2);
});

test('runs without training that differ only in how they would be trained are refused in one line', () => {
  for (const [key, values] of [
    ['training.learningRate', [0.1, 0.2]],
    ['training.l2', [0, 1e-4]],
    ['training.schedule.name', ['constant', 'cosine']],
    ['training.checkpointEvery', [{ epochs: 1 }, { steps: 5 }]],
    ['data.augmentation', ['none', 'crop-flip']],
    ['model.freeze', [true, false]],
    ['measure.every', ['checkpoint', 'end']],
  ] as const)
    assert.equal(
      lineOf(untrained(key, values)),
      `sweep.grid.${key}[1]: runs 1 and 2 of the sweep differ only in ${key}, which changes nothing where training.epochs is 0; keep one of them (sweep.exclude leaves runs out)`,
    );
});

test('what changes a number without training is swept: the batches of measures, the images of augmented supports', () => {
  assert.equal(expand(untrained('training.batchSize', [64, 128])).length, 2);
  assert.equal(expand(untrained('model.width', [16, 32])).length, 2);
  const fewshot = { augmentedSupports: 2 };
  assert.equal(expand(untrained('data.augmentation', ['flip', 'crop-flip'], { fewshot })).length, 2);
});

test('where only some runs are without training, all but one of those that are the same are to be excluded', () => {
  const grid = { 'training.epochs': [0, 10], 'training.learningRate': [0.1, 0.2] };
  assert.match(
    lineOf({ sweep: { grid } }),
    /^sweep.grid.training.learningRate\[1\]: runs 1 and 2 of the sweep differ only in training.learningRate, /,
  );
  const exclude = [{ 'training.epochs': 0, 'training.learningRate': 0.2 }];
  assert.equal(expand({ sweep: { grid, exclude } }).length, 3);
});

test('few-shot keys are not swept without classes to draw episodes from', () => {
  const sweep = { grid: { 'fewshot.shots': [[1], [5]] } };
  assert.match(
    lineOf({ data: { split: 'none' }, sweep }),
    /runs 1 and 2 of the sweep differ only in fewshot.shots, which changes nothing where data.split is none;/,
  );
  assert.equal(expand({ data: { split: 'none' }, fewshot: { targets: ['cifar-10/test'] }, sweep }).length, 2);
});
