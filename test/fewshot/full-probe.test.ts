import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evalText } from '../../src/cli/eval-text.ts';
import { evaluate } from '../../src/fewshot/eval-record.ts';
import { fullProbe } from '../../src/fewshot/full-probe.ts';
import { testPart } from '../../src/fewshot/test-part.ts';
import { wilsonInterval } from '../../src/statistics/wilson-interval.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from './samples.ts';

const sample = sampleEmbeddings('narrow6', sampleSets.narrow6);
const options = { readouts: ['logistic', 'nearest-mean'] as const, isTest: null, seed: 0 };

test('without own test examples, one sixth of each class is drawn with the seed', () => {
  const { isTest, origin } = testPart(sample, null, 0);
  const counts = sample.classNames.map(
    (_, c) => sample.labels.filter((label, example) => label === c && isTest[example] === 1).length,
  );
  assert.deepEqual(counts, new Array(7).fill(10));
  assert.equal(origin, 'one sixth of each class, drawn with the seed 0');
  assert.deepEqual(testPart(sample, null, 0).isTest, isTest);
  assert.notDeepEqual(testPart(sample, null, 1).isTest, isTest);
});

test('own test examples stand, and the output says so', () => {
  const isTest = Uint8Array.from(sample.labels, (_, example) => (example >= 350 ? 1 : 0));
  const probe = fullProbe(sample, { ...options, isTest });
  assert.equal(probe.testPart.origin, "the data set's own test examples");
  assert.deepEqual([probe.trainExamples, probe.testExamples], [350, 70]);
  assert.deepEqual([probe.ways, probe.chance], [7, 1 / 7]);
});

test('the share of the largest class is told where classes are of unlike sizes', () => {
  // 6 of the test examples are of class 0, 2 are of class 1.
  const values = sample.values.slice(0, 6 * 40);
  const labels = Int32Array.from({ length: 40 }, (_, example) => (example % 4 === 3 ? 1 : 0));
  const embeddings = { values, dimension: 6, labels, classNames: ['many', 'few'] };
  const isTest = Uint8Array.from({ length: 40 }, (_, example) => (example < 8 ? 1 : 0));
  const unlike = fullProbe(embeddings, { ...options, isTest });
  assert.deepEqual([unlike.chance, unlike.majorityShare], [0.5, 0.75]);
  assert.equal(fullProbe(sample, options).majorityShare, 1 / 7);

  const request = { ways: 2, shots: ['all'], queries: 1, episodes: 2, seed: 0 } as const;
  const textOf = (tested: Uint8Array) => {
    const input = {
      ...{ embeddings, isTest: tested, baseMean: null, checkpoint: null, data: 'e.npz' },
      ...{ split: null, layer: null, precision: 'float64' as const },
    };
    const asked = { ...request, readouts: options.readouts, features: {}, readoutOptions: {} };
    const { record } = evaluate(input, asked);
    return { text: evalText(record), shares: record.results.map(({ majorityShare }) => majorityShare) };
  };
  const { text, shares } = textOf(isTest);
  assert.deepEqual(shares, [0.75, 0.75]);
  assert.match(text, /; chance 50\.00 %, the largest class alone 75\.00 %$/m);
  const alike = Uint8Array.from({ length: 40 }, (_, example) => (example === 0 || example === 3 ? 1 : 0));
  assert.match(textOf(alike).text, /; chance 50\.00 %$/m);
});

test('test examples take no part in training', () => {
  const isTest = Uint8Array.from(sample.labels, (_, example) => (example >= 350 ? 1 : 0));
  const values = Float64Array.from(sample.values);
  const kept = 355;
  for (let at = 6 * 350; at < values.length; at++) if (Math.floor(at / 6) !== kept) values[at] = 1e6;
  for (const features of [{}, { centre: 'support', normalize: true } as const]) {
    const of = (embeddings: typeof sample) =>
      fullProbe(embeddings, { ...options, isTest, features }).results.map(
        ({ predicted }) => predicted[kept - 350],
      );
    assert.deepEqual(of({ ...sample, values }), of(sample));
  }
});

test('a class without training or test examples, and a single class, are refused', () => {
  const onlyTest = Uint8Array.from(sample.labels, (label) => (label === 3 ? 1 : 0));
  assert.match(
    inputErrorOf(() => fullProbe(sample, { ...options, isTest: onlyTest })),
    /^--shots all: class class-0 has 60 training and 0 test examples; at least one of each is needed$/,
  );
  const one = {
    ...sample,
    values: sample.values.subarray(0, 6),
    labels: Int32Array.of(0),
    classNames: ['a'],
  };
  assert.match(
    inputErrorOf(() => fullProbe(one, options)),
    /1 class; at least 2 are needed/,
  );
  const values = Float64Array.from(sample.values);
  values[0] = Number.NaN;
  assert.match(
    inputErrorOf(() => fullProbe({ ...sample, values }, options)),
    /NaN at example 0, dimension 0/,
  );
});

test("Wilson's interval solves its own quadratic and stays within 0 and 1", () => {
  const z = 1.959963984540054;
  for (const [right, count] of [
    [81, 263],
    [1, 2],
    [15, 148],
  ] as const) {
    const share = right / count;
    for (const bound of wilsonInterval(right, count))
      assert.ok(Math.abs((share - bound) ** 2 - (z ** 2 * bound * (1 - bound)) / count) < 1e-12);
  }
  // Newcombe 1998, table I: 81 of 263 is 0.2553 to 0.3662.
  assert.deepEqual(
    wilsonInterval(81, 263).map((bound) => bound.toFixed(4)),
    ['0.2553', '0.3662'],
  );
  assert.equal(wilsonInterval(0, 20)[0], 0);
  assert.ok(wilsonInterval(0, 20)[1] > 0.1);
  assert.equal(wilsonInterval(20, 20)[1], 1);
});
