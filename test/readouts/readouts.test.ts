import assert from 'node:assert/strict';
import { describe, it, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readNpz } from '../../src/formats/npz.ts';
import type { Training } from '../../src/readouts/readout.ts';
import { defaultReadoutOptions, type ReadoutOptions } from '../../src/readouts/readout-options.ts';
import { type ReadoutName, readouts } from '../../src/readouts/readouts.ts';
import { uniform } from '../models/formula.ts';

/** Kept equal to fixtures/readouts.py. */
const sets = {
  few: { ways: 5, examples: 25, dimension: 64, spread: 0.3 },
  two: { ways: 2, examples: 12, dimension: 32, spread: 0.3 },
  apart: { ways: 4, examples: 80, dimension: 16, spread: 3 },
  mixed: { ways: 4, examples: 120, dimension: 8, spread: 0.3 },
  partly: { ways: 4, examples: 120, dimension: 8, spread: 0.3 },
  twins: { ways: 5, examples: 25, dimension: 64, spread: 0.3 },
} as const;
type SetName = keyof typeof sets;
const queryCount = 200;
const references = readNpz(fileURLToPath(new URL('fixtures/readouts.npz', import.meta.url)));

const featuresOf = (name: SetName, count: number, part: 'supports' | 'queries'): Float64Array => {
  const { ways, dimension, spread } = sets[name];
  const means = uniform(`${name}.means`, ways * dimension);
  const noise = uniform(`${name}.${part}`, count * dimension);
  const values = Float64Array.from(noise, (each, at) => {
    const [label, k] = [Math.floor(at / dimension) % ways, at % dimension];
    return 0.25 + spread * means[label * dimension + k]! + each + (name === 'partly' && label === 0 ? 8 : 0);
  });
  if (name === 'twins' && part === 'supports')
    for (let row = 0; row < 10; row += 2)
      values.copyWithin((row + 1) * dimension, row * dimension, (row + 1) * dimension);
  return values.map((value) => Math.max(0, value));
};

const labelsOf = (examples: number, ways: number) =>
  Int32Array.from({ length: examples }, (_, i) => i % ways);

/** In units of a power of two, as features.ts hands them over. */
const trainingOf = (name: SetName, scale: number): Training => {
  const { ways, examples, dimension } = sets[name];
  const values = featuresOf(name, examples, 'supports').map((value) => value * scale);
  const unit = 2 ** Math.floor(Math.log2(values.reduce((a, b) => Math.max(a, b))));
  return {
    values: values.map((value) => value / unit),
    dimension,
    labels: labelsOf(examples, ways),
    ways,
    unit,
  };
};

const decisions = (
  readout: ReadoutName,
  training: Training,
  queries: Float64Array,
  options: Partial<ReadoutOptions>,
) => {
  const fit = readouts[readout].fit(training, { ...defaultReadoutOptions, ...options });
  const { dimension } = training;
  const values = Array.from({ length: queries.length / dimension }, (_, i) =>
    fit.decide(queries, i * dimension),
  );
  return { values, converged: fit.converged };
};

describe('logistic, as newton-cg at a tolerance of 1e-14', () => {
  for (const [key, { values }] of references) {
    const [readout, name, scaleText, C] = key.split('/') as [string, SetName, string, string];
    if (readout !== 'logistic') continue;
    // Equal examples of unlike classes hide behind their own residuals what little the penalty decides: float64 ends there.
    const converges = name !== 'twins' || Number(C) * Number(scaleText) ** 2 < 1e6;
    const share = converges ? 1 : 0.95;
    it(`${name}, features of scale ${scaleText}, C = ${Number(C)}: ${100 * share} % of the predictions${converges ? ', and converged' : ', and says that it has not converged'}`, () => {
      const scale = Number(scaleText);
      const training = trainingOf(name, scale);
      const queries = featuresOf(name, queryCount, 'queries').map((value) => (value * scale) / training.unit);
      const found = decisions('logistic', training, queries, { C: Number(C) });
      assert.equal(found.converged, converges);
      const agreeing = found.values.filter((value, at) => value === values[at]).length;
      assert.ok(agreeing >= share * queryCount, `${agreeing} of ${queryCount}`);
    });
  }

  for (const [what, values] of [
    ['equal features for all', new Float64Array(12).fill(0.1)],
    ['the same features in every class', Float64Array.from({ length: 12 }, (_, at) => Math.sin(at % 6))],
  ] as const)
    it(`${what}: the most frequent class, and converged`, () => {
      for (const C of [1, 1e6])
        for (const labels of [
          [0, 0, 0, 1, 1, 1],
          [0, 1, 1, 0, 1, 1],
        ]) {
          const training = { values, dimension: 2, labels: Int32Array.from(labels), ways: 2, unit: 1 };
          const found = decisions('logistic', training, Float64Array.of(0.1, 0.1), { C });
          assert.equal(found.converged, true, `C = ${C}`);
          if (labels[1] === 1) assert.deepEqual(found.values, [1]);
        }
    });
});

describe('knn by cosine, with vectors of zero among supports and queries', () => {
  const { ways, examples, dimension } = sets.few;
  const supports = featuresOf('few', examples, 'supports').map((value) => value - 0.5);
  const queries = featuresOf('few', queryCount, 'queries').map((value) => value - 0.5);
  for (const row of [2, 9]) supports.fill(0, row * dimension, (row + 1) * dimension);
  for (let row = 0; row < queryCount; row += 10) queries.fill(0, row * dimension, (row + 1) * dimension);
  for (const k of [1, 3])
    test(`${k} nearest: every prediction of KNeighborsClassifier(metric='cosine')`, () => {
      const training = { values: supports, dimension, labels: labelsOf(examples, ways), ways, unit: 1 };
      const { values } = decisions('knn', training, queries, { k, metric: 'cosine' });
      assert.deepEqual(values, Array.from(references.get(`knn/${k}`)!.values as Uint8Array));
    });

  test('a zero vector is as far as a right angle, nearer than an obtuse one', () => {
    const decide = (values: readonly number[], query: readonly number[]) =>
      decisions(
        'knn',
        { values: Float64Array.from(values), dimension: 2, labels: Int32Array.of(0, 1), ways: 2, unit: 1 },
        Float64Array.from(query),
        { k: 1, metric: 'cosine' },
      ).values[0];
    assert.equal(decide([0, 0, 0.3, 0.95], [1, 0]), 1);
    assert.equal(decide([-0.3, 0.95, 0, 0], [1, 0]), 1);
    assert.equal(decide([1, 0, 0, 0], [0, 0]), 0);
  });
});
