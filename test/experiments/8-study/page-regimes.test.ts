import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageRegimesText } from '../../../experiments/8-study/page-regimes.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

test('a regime says how many of its planned runs are in, with how many seeds, whether it fits and what it reaches', () => {
  const points = pointsOf(
    [1, 2].map((n) => ({ [logistic]: 0.5 + n / 10, sourceTrainAccuracy: 0.7, sourceTestAccuracy: n / 5 })),
  );
  const study = madeStudy('plain-one', points, {
    losses: [3, 0.05],
    wasRun: (name, seed) => name === 'c0' || seed === 1,
  });
  const [head, , row] = cellsOf(pageRegimesText([regimeRuns('a', [study])]));
  assert.deepEqual(head!.slice(2), [
    ...['runs', 'configurations', 'seeds', 'training loss', 'fits'],
    ...['training accuracy %', 'source test accuracy %', '5-way 5-shot %'],
  ]);
  assert.deepEqual(row!.slice(2), [
    ...['4 of 6', '2', '3 (1), 1 (1)', '0.0500 to 0.0500', 'yes (2 of 2 configurations do)'],
    ...['70.0 to 70.0', '20.0 to 40.0', '60.0 to 70.0'],
  ]);
});

test('a regime without runs says how many are planned', () => {
  const none = madeStudy('plain-one', pointsOf([{ [logistic]: 0.5 }]), { wasRun: () => false });
  const [, , row] = cellsOf(pageRegimesText([regimeRuns('a', [none])]));
  assert.deepEqual(row!.slice(2), ['0 of 3', ...Array<string>(7).fill('not run')]);
});
