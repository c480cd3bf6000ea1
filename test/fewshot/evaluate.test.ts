import assert from 'node:assert/strict';
import { test } from 'node:test';
import { comparePaired } from '../../src/fewshot/compare.ts';
import { drawEpisodes } from '../../src/fewshot/episodes.ts';
import { evaluateEpisodes, evaluateFewshot } from '../../src/fewshot/evaluate.ts';
import type { FeatureOptions } from '../../src/fewshot/features.ts';
import { predictEpisodes } from '../../src/fewshot/predict.ts';
import type { Embeddings } from '../../src/measures/embeddings.ts';
import type { ReadoutName } from '../../src/readouts/readouts.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { sampleEmbeddings, sampleSets } from './samples.ts';

const all: readonly ReadoutName[] = ['logistic', 'nearest-mean', 'cosine', 'ridge'];
const sample = sampleEmbeddings('narrow6', sampleSets.narrow6);
const setting = { ways: 5, shots: [1, 5], queries: 15, episodes: 40, readouts: all, seed: 0 };
const predictions = (embeddings: Embeddings, features: FeatureOptions = {}, readouts = all) => {
  const list = drawEpisodes({ ...setting, shots: 5 }, new Array<number>(7).fill(60));
  return predictEpisodes(embeddings, list, { shots: [1, 5], readouts, features }).map(
    ({ predicted, readout }) => ({
      readout,
      predicted,
    }),
  );
};
/** A count says more than two arrays of 3,000 numbers. */
const differing = (a: Uint16Array, b: Uint16Array) => {
  assert.equal(a.length, b.length);
  return a.filter((value, at) => value !== b[at]).length;
};
const changed = (change: (value: number, column: number) => number): Embeddings => ({
  ...sample,
  values: sample.values.map((value, at) => change(value, at % sample.dimension)) as Float64Array,
});

test('the record says ways, queries, episodes, chance, seed and features, and one result a shot and readout', () => {
  const { record } = evaluateFewshot(sample, { ...setting, features: { normalize: true } });
  const { results, ...rest } = record;
  assert.deepEqual(rest, {
    ways: 5,
    queries: 15,
    episodes: 40,
    chance: 0.2,
    seed: 0,
    features: { centre: 'none', normalize: true },
  });
  assert.deepEqual(
    results.map(({ shots, readout }) => `${shots} ${readout}`),
    [1, 5].flatMap((shots) => all.map((readout) => `${shots} ${readout}`)),
  );
});

test('accuracy is the mean over episodes, its interval that of Student', () => {
  const { results, perEpisode } = evaluateEpisodes(sample, { ...setting, episodes: 2 });
  results.forEach(({ accuracy, ci95 }, at) => {
    const [a, b] = perEpisode[at]!.accuracies as unknown as [number, number];
    assert.ok(Math.abs(accuracy - (a + b) / 2) < 1e-15);
    // One degree of freedom: the quantile is tan(0.475 pi), the standard error half of the difference.
    const half = (Math.tan(0.475 * Math.PI) * Math.abs(a - b)) / 2;
    assert.ok(Math.abs(ci95[0] - (accuracy - half)) < 1e-9);
    assert.ok(Math.abs(ci95[1] - (accuracy + half)) < 1e-9);
  });
});

test('intervals cover the mean of a long list about 95 times in 100', () => {
  const truth = evaluateEpisodes(sample, {
    ...setting,
    episodes: 20_000,
    readouts: ['nearest-mean'],
    shots: [1],
  });
  const mean = truth.results[0]!.accuracy;
  let covered = 0;
  for (let seed = 1; seed <= 400; seed++) {
    const options = { ...setting, episodes: 20, readouts: ['nearest-mean'] as const, shots: [1], seed };
    const [low, high] = evaluateEpisodes(sample, options).results[0]!.ci95;
    if (low <= mean && mean <= high) covered += 1;
  }
  // 400 trials at 95 %: 380 with standard deviation 4.4.
  assert.ok(covered > 362 && covered < 396, `${covered} of 400`);
});

test('classes that lie apart are always told apart, and equal embeddings never better than chance', () => {
  const apart = { ...sample, values: sample.values.map(() => 0) as Float64Array };
  sample.labels.forEach((label, example) => {
    apart.values[example * 6 + (label % 6)] = label === 6 ? -50 : 50;
  });
  for (const { accuracy } of evaluateEpisodes(apart, setting).results) assert.equal(accuracy, 1);
  const equal = { ...sample, values: sample.values.map(() => 1) as Float64Array };
  for (const { accuracy, ci95 } of evaluateEpisodes(equal, setting).results) {
    assert.ok(Math.abs(accuracy - 0.2) < 1e-12);
    assert.deepEqual(
      [ci95[0], ci95[1]].map((value) => Number(value.toFixed(12))),
      [0.2, 0.2],
    );
  }
});

test('the same list serves every checkpoint: accuracies of equal embeddings are equal', () => {
  const first = evaluateEpisodes(sample, setting);
  assert.deepEqual(evaluateEpisodes(sample, setting).results, first.results);
  assert.deepEqual(
    evaluateEpisodes(sample, { ...setting, seed: 9, list: first.list }).results,
    first.results,
  );
  assert.notDeepEqual(evaluateEpisodes(sample, { ...setting, seed: 9 }).results, first.results);
});

test('1 shot within 1,5 shots is 1 shot alone', () => {
  const both = evaluateEpisodes(sample, setting).results.filter(({ shots }) => shots === 1);
  assert.deepEqual(evaluateEpisodes(sample, { ...setting, shots: [1] }).results, both);
});

test('several readouts in one call are what each gives alone', () => {
  const together = predictions(sample);
  for (const readout of all)
    assert.deepEqual(
      predictions(sample, {}, [readout]),
      together.filter((each) => each.readout === readout),
    );
});

test('a shift changes no decision but those of cosines; a power of two scales nothing for means and cosines', () => {
  const found = predictions(sample);
  const shifted = predictions(changed((value, column) => value + column + 1));
  const doubled = predictions(changed((value) => 4 * value));
  found.forEach(({ readout, predicted }, at) => {
    if (readout !== 'cosine')
      assert.equal(differing(shifted[at]!.predicted, predicted), 0, `${readout}, shifted`);
    if (readout === 'cosine' || readout === 'nearest-mean')
      assert.equal(differing(doubled[at]!.predicted, predicted), 0, `${readout}, doubled`);
  });
});

test('centring on the support undoes any shift, for cosines too', () => {
  const features = { centre: 'support', normalize: true } as const;
  assert.deepEqual(
    predictions(
      changed((value, column) => value + 3 * column),
      features,
    ),
    predictions(sample, features),
  );
});

test('centring on a base mean is that of embeddings minus the mean', () => {
  const mean = Float64Array.from({ length: 6 }, (_, k) => 0.5 + k / 8);
  assert.deepEqual(
    predictions(sample, { centre: mean, normalize: true }),
    predictions(
      changed((value, column) => value - mean[column]!),
      { normalize: true },
    ),
  );
  assert.match(
    inputErrorOf(() => predictions(sample, { centre: new Float64Array(5) })),
    /base mean of 5 numbers for embeddings of dimension 6/,
  );
});

test('nearest mean and cosine are one on features of length 1 with 1 shot', () => {
  const wide = sampleEmbeddings('relu64', sampleSets.relu64);
  const list = drawEpisodes({ ...setting, shots: 1 }, new Array<number>(20).fill(40));
  const [mean, cosine] = predictEpisodes(wide, list, {
    shots: [1],
    readouts: ['nearest-mean', 'cosine'],
    features: { normalize: true },
  });
  assert.equal(differing(mean!.predicted, cosine!.predicted), 0);
});

test('large features converge too', () => {
  const list = drawEpisodes({ ...setting, shots: 5 }, new Array<number>(7).fill(60));
  for (const scale of [1e-4, 1, 100]) {
    const [result] = predictEpisodes(
      changed((value) => scale * value),
      list,
      { shots: [5], readouts: ['logistic'] },
    );
    assert.equal(result!.unconverged, 0, `scale ${scale}`);
  }
});

test('embeddings that are not finite are refused with their place', () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const values = Float64Array.from(sample.values);
    values[6 * 17 + 2] = wrong;
    assert.equal(
      inputErrorOf(() => evaluateEpisodes({ ...sample, values }, setting)),
      `embeddings: ${wrong} at example 17, dimension 2; only finite numbers are allowed`,
    );
  }
});

test('a base mean that is not finite is refused with its place', () => {
  for (const wrong of [Number.NaN, Number.NEGATIVE_INFINITY]) {
    const centre = new Float64Array(6).fill(0.5);
    centre[4] = wrong;
    assert.equal(
      inputErrorOf(() => evaluateEpisodes(sample, { ...setting, features: { centre } })),
      `few-shot: base mean: ${wrong} at dimension 4; only finite numbers are allowed`,
    );
  }
});

test('labels out of range, one episode, nothing asked for, and lists of other data are refused', () => {
  const refusal = (embeddings: Embeddings, options: Partial<Parameters<typeof evaluateEpisodes>[1]>) =>
    inputErrorOf(() => evaluateEpisodes(embeddings, { ...setting, ...options }));
  assert.match(
    refusal({ ...sample, labels: sample.labels.map((label) => label + 1) }, {}),
    /label 7 at example 6; allowed are 0 to 6/,
  );
  assert.equal(refusal(sample, { episodes: 1 }), 'few-shot: an interval needs at least 2 episodes');
  assert.match(refusal(sample, { shots: [] }), /at least one number of shots and one readout/);
  assert.match(refusal(sample, { readouts: [] }), /at least one number of shots and one readout/);
  assert.match(refusal(sample, { ways: 8 }), /8 ways from 7 classes/);
  assert.match(
    refusal(sample, { shots: [50] }),
    /class class-0 has 60 examples; 50 shots and 15 queries need 65/,
  );
  const list = drawEpisodes({ ...setting, shots: 5 }, new Array<number>(7).fill(61));
  assert.match(refusal(sample, { list }), /episodes drawn for classes of 61, .* examples; these have 60, /);
  const own = drawEpisodes({ ...setting, shots: 5 }, new Array<number>(7).fill(60));
  assert.equal(
    refusal(sample, { list: own, shots: [6] }),
    'few-shot: 6 shots; the list of episodes has 1 to 5',
  );
});

test('a paired comparison has the mean of the differences and its own interval', () => {
  const first = [0.5, 0.7, 0.9];
  const second = [0.4, 0.5, 0.9];
  const { difference, ci95, episodes } = comparePaired(first, second);
  assert.equal(episodes, 3);
  assert.ok(Math.abs(difference - 0.1) < 1e-15);
  // Differences 0.1, 0.2, 0: standard error 0.1 / sqrt(3); t with 2 degrees of freedom is 4.302652729911275.
  const half = (4.302652729911275 * 0.1) / Math.sqrt(3);
  assert.ok(Math.abs(ci95[0] - (0.1 - half)) < 1e-9 && Math.abs(ci95[1] - (0.1 + half)) < 1e-9);
});

test('pairing tells two checkpoints apart where their own intervals overlap', () => {
  const better = evaluateEpisodes(sample, {
    ...setting,
    episodes: 300,
    shots: [5],
    readouts: ['nearest-mean'],
  });
  // The same embeddings, their last dimension lost.
  const worse = evaluateEpisodes(
    changed((value, column) => (column === 5 ? 0 : value)),
    { ...setting, episodes: 300, shots: [5], readouts: ['nearest-mean'] },
  );
  const [a, b] = [better, worse].map(({ perEpisode }) => perEpisode[0]!.accuracies) as [
    Float64Array,
    Float64Array,
  ];
  const { difference, ci95 } = comparePaired(a, b);
  const width = ([low, high]: readonly [number, number]) => high - low;
  assert.ok(Math.abs(difference - (better.results[0]!.accuracy - worse.results[0]!.accuracy)) < 1e-12);
  const unpaired = Math.hypot(width(better.results[0]!.ci95), width(worse.results[0]!.ci95));
  assert.ok(width(ci95) < unpaired, `${width(ci95)} against ${unpaired}`);
  assert.ok(ci95[0] > 0);
});

test('lists of different length cannot be paired', () => {
  assert.match(
    inputErrorOf(() => comparePaired([1, 0], [1])),
    /2 and 1 episodes; both need the same list/,
  );
  assert.match(
    inputErrorOf(() => comparePaired([1], [1])),
    /1 and 1 episodes/,
  );
});
