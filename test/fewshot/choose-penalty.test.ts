import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chooseC, penaltyCandidates, penaltyEpisodes } from '../../src/fewshot/choose-penalty.ts';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { fullProbe } from '../../src/fewshot/full-probe.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from './samples.ts';

const target = sampleEmbeddings('narrow6', sampleSets.narrow6);
const validation = sampleEmbeddings('relu64', { ...sampleSets.relu64, dimension: 6, scale: 0.25 });
const asked = { ways: 5, queries: 15, seed: 3, features: {} } as const;
const options = { ...asked, shots: [1, 5], episodes: 30, readouts: ['logistic', 'cosine'] as const };

/** Accuracy of each candidate by the evaluation itself. */
const accuracies = (shots: number) =>
  penaltyCandidates.map(
    (C) =>
      evaluateEpisodes(validation, {
        ...asked,
        shots: [shots],
        episodes: penaltyEpisodes,
        readouts: ['logistic'],
        readoutOptions: { C },
      }).results[0]!.accuracy,
  );

test('C is the candidate with the best accuracy on the validation classes, the smallest of equals', () => {
  for (const shots of [1, 5]) {
    const found = accuracies(shots);
    assert.equal(chooseC(validation, shots, asked), penaltyCandidates[found.indexOf(Math.max(...found))]);
  }
  const whole = penaltyCandidates.map(
    (C) =>
      fullProbe(validation, { readouts: ['logistic'], isTest: null, seed: 3, readoutOptions: { C } })
        .results[0]!.accuracy,
  );
  assert.equal(chooseC(validation, 'all', asked), penaltyCandidates[whole.indexOf(Math.max(...whole))]);
});

test('an evaluation with C auto is that with the chosen C, which its results name', () => {
  const { results } = evaluateEpisodes(target, { ...options, readoutOptions: { C: 'auto' }, validation });
  for (const shots of [1, 5]) {
    const C = chooseC(validation, shots, asked);
    const own = evaluateEpisodes(target, { ...options, shots: [shots], readoutOptions: { C } }).results;
    assert.deepEqual(
      results
        .filter((each) => each.shots === shots)
        .map(({ accuracy, regularization }) => [accuracy, regularization]),
      [
        [own[0]!.accuracy, { C }],
        [own[1]!.accuracy, undefined],
      ],
    );
  }
});

test('C auto without validation classes, or with too few of them, is refused; readouts without C do not ask', () => {
  assert.equal(
    inputErrorOf(() => evaluateEpisodes(target, { ...options, readoutOptions: { C: 'auto' } })),
    'C auto: there are no validation classes to choose it on; give a number',
  );
  const few = {
    ...validation,
    labels: validation.labels.map((label) => label % 4),
    classNames: ['a', 'b', 'c', 'd'],
  };
  assert.equal(
    inputErrorOf(() =>
      evaluateEpisodes(target, { ...options, readoutOptions: { C: 'auto' }, validation: few }),
    ),
    'C auto, on the validation classes: few-shot: 5 ways from 4 classes; at least 5 are needed',
  );
  const only = { ...options, readouts: ['cosine'] as const, readoutOptions: { C: 'auto' } as const };
  assert.equal(evaluateEpisodes(target, only).results.length, 2);
});
