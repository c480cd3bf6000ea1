import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contradictionIn } from '../../src/config/check-run.ts';
import { expandSweep } from '../../src/config/expand.ts';
import { idleKeysIn } from '../../src/config/idle-keys.ts';
import { type RunConfig, runConfigSchema, sweepFileSchema } from '../../src/config/schema.ts';
import { inputErrorOf } from './scratch.ts';

const expand = (file: object) => expandSweep(sweepFileSchema.parse(file));
const lineOf = (file: object): string => inputErrorOf(() => expand(file));

/** A value that changes nothing, the line that says so, and what gives the same value its effect. */
const idle: readonly (readonly [file: object, says: RegExp, used: object])[] = [
  [
    { training: { schedule: { name: 'cosine', milestones: [0.3] } } },
    /training.schedule.milestones is \[0.3\], which does nothing where training.schedule.name is cosine: it is of step; leave it out, or set it to null$/,
    { training: { schedule: { name: 'step', milestones: [0.3] } } },
  ],
  [
    { training: { schedule: { gamma: 0.5 } } },
    /training.schedule.gamma is 0.5, .* training.schedule.name is constant: it is of step/,
    { training: { schedule: { name: 'step', gamma: 0.5 } } },
  ],
  [
    { training: { schedule: { name: 'step', milestones: [], gamma: 0.5 } } },
    /training.schedule.gamma is 0.5, which does nothing where training.schedule.milestones is \[\]/,
    { training: { schedule: { name: 'step', milestones: [0.9, 1], gamma: 0.5 } } },
  ],
  [
    { training: { schedule: { name: 'step', milestones: [0.3], gamma: 1 } } },
    /training.schedule.milestones is \[0.3\], which does nothing where training.schedule.gamma is 1/,
    { training: { schedule: { name: 'step', gamma: 1 } } },
  ],
  [
    { training: { decayBiasAndNorm: false } },
    /training.decayBiasAndNorm is false, which does nothing where training.l2 and training.weightDecay are 0/,
    { training: { decayBiasAndNorm: false, weightDecay: 0.01 } },
  ],
  [
    { measure: { estimator: 'exact', probes: 4 } },
    /measure.probes is 4, .* measure.estimator is exact: it is of hutchinson and outputs/,
    { measure: { estimator: 'outputs', probes: 4 } },
  ],
  [
    { measure: { estimator: 'outputs', probeSpace: 'input' } },
    /measure.probeSpace is input, .* measure.estimator is outputs: it is of hutchinson/,
    { measure: { probeSpace: 'input' } },
  ],
  [
    { measure: { estimator: 'masked', distribution: 'sphere' } },
    /measure.distribution is sphere, .* measure.estimator is masked: it is of hutchinson/,
    { measure: { distribution: 'sphere' } },
  ],
  [
    { measure: { share: 0.5 } },
    /measure.share is 0.5, .* measure.estimator is hutchinson: it is of masked/,
    { measure: { estimator: 'masked', share: 0.5 } },
  ],
  [
    { measure: { layers: ['embedding', 'logits'], unpooledComplexity: true } },
    /measure.unpooledComplexity is true, .* measure.layers is \[embedding, logits\]: it is of feature maps/,
    { measure: { layers: ['embedding', 'layer3'], unpooledComplexity: true } },
  ],
  [
    { fewshot: { readouts: ['nearest-mean'], C: 'auto' } },
    /fewshot.C is auto, .* fewshot.readouts is \[nearest-mean\]: it is of logistic/,
    { fewshot: { C: 'auto' } },
  ],
  [
    { fewshot: { alpha: 2 } },
    /fewshot.alpha is 2, .* fewshot.readouts is \[logistic, nearest-mean\]: it is of ridge/,
    { fewshot: { readouts: ['ridge'], alpha: 2 } },
  ],
  [
    { fewshot: { k: 5 } },
    /fewshot.k is 5, .* it is of knn/,
    { fewshot: { readouts: ['logistic', 'knn'], k: 5 } },
  ],
  [
    { fewshot: { metric: 'cosine' } },
    /fewshot.metric is cosine, .* it is of knn/,
    { fewshot: { readouts: ['knn'], metric: 'cosine' } },
  ],
];

for (const [file, says, used] of idle)
  test(`${says.source.split(/ is /)[0]}: a value that changes nothing is refused, and taken where it changes something`, () => {
    assert.match(lineOf(file), says);
    assert.equal(expand(used).length, 1);
  });

test('a default that is written out is no value: a run as it is recorded stays valid, whatever else it holds', () => {
  const recorded = (given: object): RunConfig => expand(given)[0]!.config;
  const written = {
    training: { schedule: { milestones: [0.5, 0.75], gamma: 0.1 }, decayBiasAndNorm: true },
    measure: { estimator: 'exact', probes: 1, share: 0.1, unpooledComplexity: false },
    fewshot: { C: 1, alpha: 1, k: 1, metric: 'euclidean', readouts: ['cosine'] },
  };
  for (const config of [recorded({}), recorded(written)]) {
    assert.deepEqual(idleKeysIn(runConfigSchema.parse(config)), []);
    assert.equal(contradictionIn(config), null);
  }
});

test('a key that some runs of a sweep use may stand in its body', () => {
  const file = {
    training: { decayBiasAndNorm: false },
    sweep: { grid: { 'training.l2': [1e-4, 0] } },
  };
  assert.equal(expand(file).length, 2);
  assert.match(
    lineOf({ ...file, sweep: { grid: { 'training.learningRate': [0.1, 0.2] } } }),
    /training.decayBiasAndNorm is false, which does nothing .*; leave it out, or set it to null$/,
  );
});

test('two runs that differ only in what changes nothing in them are refused, unless one of them is excluded', () => {
  const grid = { 'training.schedule.name': ['step', 'cosine'], 'training.schedule.gamma': [0.1, 0.5] };
  assert.match(
    lineOf({ sweep: { grid } }),
    /^sweep.grid.training.schedule.gamma\[1\]: runs 3 and 4 of the sweep differ only in training.schedule.gamma, which changes nothing where training.schedule.name is cosine: it is of step; keep one of them/,
  );
  const exclude = [{ 'training.schedule.name': 'cosine', 'training.schedule.gamma': 0.5 }];
  assert.equal(expand({ sweep: { grid, exclude } }).length, 3);
});
