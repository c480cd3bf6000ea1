import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { byRegime, failedRuns, readStudyRuns, sampleOf } from '../../../experiments/8-study/study-runs.ts';
import { studies } from '../../../experiments/studies.ts';
import { hashOf, madeStudy, pointsOf } from './synthetic-study.ts';

const values = [{ sourceGc: 1 }, { sourceGc: 2 }];
const [base, other] = pointsOf(values);
const first = madeStudy('plain-learning-rate', [base!, other!]);
const second = madeStudy('plain-l2', [base!, { ...other!, name: 'more' }]);
const namesIn = (studies: Parameters<typeof sampleOf>[0]): readonly string[] => {
  const { rows, configurationOf } = sampleOf(studies);
  return [...new Set(rows.map(configurationOf))].sort();
};

describe('sweeps of a regime pooled', () => {
  test('a run that two sweeps hold counts once, by its hash', () => {
    const { rows } = sampleOf([first, second]);
    assert.equal(rows.length, 3 * 3 * 5);
    assert.deepEqual(namesIn([first, second]), ['c0', 'c1', 'more']);
  });

  const failure = { hash: hashOf('c1', 2), name: 'lr0.3-s2', reason: 'loss is NaN' };
  const broken = {
    ...madeStudy('plain-learning-rate', [base!, other!], {
      wasRun: (name, seed) => name !== 'c1' || seed !== 2,
    }),
    failed: [failure],
  };

  test('a configuration with a failed run is left out', () => {
    assert.deepEqual(namesIn([broken, second]), ['c0', 'more']);
    assert.deepEqual(failedRuns([broken, second]), [failure]);
  });

  test('unless another sweep has finished that run', () => {
    assert.deepEqual(namesIn([broken, first]), ['c0', 'c1']);
    assert.deepEqual(failedRuns([broken, first]), []);
  });

  test('a configuration that lacks a seed is in, with the seeds that it has', () => {
    const partial = madeStudy('plain-l2', [base!, other!], {
      wasRun: (name, seed) => name === 'c0' || seed === 0,
    });
    assert.deepEqual(namesIn([partial]), ['c0', 'c1']);
    assert.equal(new Set(sampleOf([partial]).rows.map(({ hash }) => hash)).size, 4);
  });
});

test('GC over the squared feature norm is added to what was measured, where both are', () => {
  const study = studies.find(({ id }) => id === '8-study/plain-learning-rate')!;
  const [row] = first.rows;
  const read = (own: Readonly<Record<string, number | null>>) =>
    readStudyRuns(study, [{ ...row!, values: own }]).rows[0]!.values.sourceGcPerNorm;
  assert.equal(read({ sourceGc: 36, sourceMeanFeatureNorm: 3 }), 4);
  for (const lacking of [{ sourceGc: 36 }, { sourceGc: null, sourceMeanFeatureNorm: 3 }])
    assert.equal(read(lacking), undefined);
});

test("a config's name says its regime, and the plan's regimes are there without any config", () => {
  const recipe = madeStudy('recipe-cosine-with-l2', pointsOf(values));
  const counts = byRegime([first, second, recipe]).map(({ regime, studies }) => [regime.id, studies.length]);
  assert.deepEqual(counts, [
    ['a', 2],
    ['b', 0],
    ["b'", 1],
    ['c', 0],
    ['d', 0],
    ["d'", 0],
    ['e', 0],
  ]);
});
