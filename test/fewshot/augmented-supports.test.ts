import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluateEpisodes } from '../../src/fewshot/evaluate.ts';
import { fullProbe } from '../../src/fewshot/full-probe.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from './samples.ts';

const sample = sampleEmbeddings('narrow6', sampleSets.narrow6);
const options = {
  ...{ ways: 5, shots: [1, 5], queries: 15, episodes: 40, seed: 0 },
  readouts: ['logistic', 'nearest-mean', 'cosine', 'ridge', 'knn'] as const,
};
const own = sample.values as Float64Array;

test('one copy that is the example itself changes nothing', () => {
  for (const features of [{}, { centre: 'support', normalize: true } as const]) {
    const plain = evaluateEpisodes(sample, { ...options, features });
    const copied = evaluateEpisodes({ ...sample, copies: [own] }, { ...options, features });
    assert.deepEqual(copied.results, plain.results);
  }
});

test('n equal copies weigh the loss n times: C and 1 / alpha divided by n give the same decisions', () => {
  const copies = [own, own, own];
  const copied = evaluateEpisodes(
    { ...sample, copies },
    { ...options, readoutOptions: { C: 1, alpha: 3, k: 1 } },
  );
  const plain = evaluateEpisodes(sample, { ...options, readoutOptions: { C: 3, alpha: 1, k: 1 } });
  copied.results.forEach(({ accuracy, readout }, at) => {
    assert.ok(Math.abs(accuracy - plain.results[at]!.accuracy) < 1e-3, `${readout}: ${accuracy}`);
  });
});

test('queries are the examples themselves, supports only the copies', () => {
  const nonsense = new Float64Array(own.length);
  // Every copy is its class's unit vector, whatever the example looks like.
  sample.labels.forEach((label, example) => {
    nonsense[example * 6 + (label % 6)] = label === 6 ? -1 : 1;
  });
  const classMeans = (values: Float64Array) =>
    evaluateEpisodes({ ...sample, values, copies: [nonsense] }, { ...options, readouts: ['nearest-mean'] })
      .results;
  for (const { accuracy } of classMeans(nonsense)) assert.equal(accuracy, 1);
  for (const { accuracy } of classMeans(own)) assert.ok(accuracy < 1);
  const isTest = Uint8Array.from(sample.labels, (_, example) => (example >= 350 ? 1 : 0));
  const probe = fullProbe(
    { ...sample, values: nonsense, copies: [nonsense, nonsense] },
    { readouts: ['nearest-mean'], isTest, seed: 0 },
  );
  assert.deepEqual([probe.trainExamples, probe.results[0]!.accuracy], [350, 1]);
});

test('copies that are not finite are refused', () => {
  const wrong = own.slice();
  wrong[9] = Number.NaN;
  assert.match(
    inputErrorOf(() => evaluateEpisodes({ ...sample, copies: [own, wrong] }, options)),
    /NaN at example 1, dimension 3/,
  );
});
