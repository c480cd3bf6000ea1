import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { recipeEffectsText } from '../../../experiments/8-study/recipe-effects.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const rates = [1, 2, 3, 4, 5];
const still = { seeds: [1] };

/** GC doubles with L2 and falls by a tenth with cosine; accuracy rises by 2, 3, 2, 3, 2 points with L2 and is as it was with cosine. */
const recipe = (schedule: 'constant' | 'cosine', l2: 'with' | 'without') =>
  madeStudy(
    `recipe-${schedule}-${l2}-l2`,
    pointsOf(
      rates.map((rate) => ({
        sourceGc: rate * (l2 === 'with' ? 2 : 1) * (schedule === 'cosine' ? 0.9 : 1),
        '5way_5shot_logistic': 0.6 + (l2 === 'with' ? 0.02 + (rate % 2 === 0 ? 0.01 : 0) : 0),
      })),
      `${schedule}${l2}`,
    ),
    still,
  );
const four = [
  recipe('constant', 'with'),
  recipe('constant', 'without'),
  recipe('cosine', 'with'),
  recipe('cosine', 'without'),
];
const rowsOf = (studies: typeof four) =>
  new Map(
    cellsOf(recipeEffectsText([regimeRuns("b'", studies)])).map(([name, ...cells]) => [name, cells] as const),
  );

describe('what a choice of the recipe changes', () => {
  const rows = rowsOf(four);

  test('is a quotient over pairs that share the rest, with the sign test that 2^10 exchanges make', () => {
    // Of 1,024 exchanges two are as far from 0: p 0.00195.
    assert.deepEqual(rows.get('source GC'), [
      'times 0.900 [0.900, 0.900], p 0.002, n = 10',
      'times 2.00 [2.00, 2.00], p 0.002, n = 10',
    ]);
  });

  test('is a difference in points for accuracies, with Student over pairs', () => {
    // 2, 3, 2, 3, 2 twice: mean 2.4, standard error 0.5164 / sqrt(10), t(9) 2.262.
    assert.equal(rows.get('5-shot logistic')![1], '+2.4 [+2.0, +2.8], p 0.002, n = 10');
    assert.equal(rows.get('5-shot logistic')![0], '0.0 [0.0, 0.0], p 1.000, n = 10');
  });

  test('is none where no pair has the quantity', () => {
    assert.deepEqual(rows.get('target CDNV'), ['-', '-']);
  });

  test('takes the pairs that there are', () => {
    const [, l2] = rowsOf(four.slice(0, 2)).get('source GC')!;
    assert.equal(l2, 'times 2.00 [2.00, 2.00], p 0.063, n = 5');
    assert.equal(rowsOf(four.slice(0, 2)).get('source GC')![0], '-');
  });
});

test('a regime that was not run says so', () => {
  assert.equal(recipeEffectsText([regimeRuns("b'", [])]), 'Not run.');
});
