import assert from 'node:assert/strict';
import { test } from 'node:test';
import { correlationText, meanColumn, pText } from '../../src/report/number-text.ts';

const valueText = (value: number): string => correlationText({ value, n: 22, ci95: null });

test('an order that is not perfect does not read as one', () => {
  assert.deepEqual([1, -1, 0.994, 0.9951, -0.9966, 0.99961].map(valueText), [
    ...['+1.00', '−1.00', '+0.99', '+0.995', '−0.996', '+0.9996'],
  ]);
});

test('a permutation p value above the level does not read as the level', () => {
  assert.deepEqual([0.0496, 0.05, 6 / 120, 0.0503, 0.0506, 0.0004].map(pText), [
    ...['p 0.050', 'p 0.050', 'p 0.050', 'p 0.0503', 'p 0.051', 'p < 0.001'],
  ]);
});

test('what is not 0 does not read as 0, so that an interval shows on which side of it it ends', () => {
  assert.deepEqual([0, -1e-17, 0.004, -0.0042, 0.005].map(valueText), [
    '0.00',
    '0.00',
    '+0.004',
    '−0.004',
    '+0.01',
  ]);
  assert.equal(correlationText({ value: -0.2, n: 22, ci95: [-0.4, -0.0012] }), '−0.20 [−0.40, −0.001]');
  assert.equal(correlationText({ value: 0.2, n: 22, ci95: [0.0012, 0.4] }), '+0.20 [0.001, 0.40]');
});

test('one seed has no interval: at equal loss its interpolation error stands alone, and the points stay under each other', () => {
  const one = { n: 1, halfWidth: null };
  assert.deepEqual(
    meanColumn(
      [
        { ...one, mean: 25, interpolation: 0.7 },
        { mean: 8, n: 3, halfWidth: 1.5, interpolation: 0.5 },
        { ...one, mean: 9, interpolation: 0 },
        null,
      ],
      1,
      [1, 3, 2, 0],
    ),
    [
      '25.0 (interpolation ±0.7)',
      ' 8.0 ±1.5                ',
      ' 9.0 (n 1)               ',
      '   –                     ',
    ],
  );
});
