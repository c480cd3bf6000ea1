import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { cdnvBound } from '../../src/measures/bound.ts';
import { cdnv } from '../../src/measures/cdnv.ts';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import { cantelliBound, directionalMatrix } from '../../src/measures/directional.ts';
import { type NearestMeanErrors, nearestMeanErrors } from '../../src/measures/nearest-mean.ts';
import { gaussianClasses, relativeError } from './samples.ts';

/** Standard normal distribution function at -1 (tables). */
const phiOfMinusOne = 0.158655253931457;

test('two Gaussian classes at distance 2 standard deviations: the error is Phi(-1), the bound 4 CDNV', () => {
  const means = [
    [0, 0],
    [2, 0],
  ];
  const train = classStatistics(gaussianClasses(means, [1, 1], 20_000, 1));
  const { error } = nearestMeanErrors(train, gaussianClasses(means, [1, 1], 20_000, 2)) as NearestMeanErrors;
  // Standard error of 40,000 examples: 0.0018.
  assert.ok(Math.abs(error - phiOfMinusOne) < 0.006, String(error));
  const bound = cdnvBound(cdnv(train) as number, 2);
  assert.ok(Math.abs(bound - 4 * 0.5) < 0.04);
});

test('Gaussian classes far apart: error <= bound < 1', () => {
  const means = [
    [0, 0],
    [14, 0],
    [0, 14],
  ];
  const train = classStatistics(gaussianClasses(means, [1, 1, 1], 5000, 3));
  const { error } = nearestMeanErrors(train, gaussianClasses(means, [1, 1, 1], 5000, 4)) as NearestMeanErrors;
  const bound = cdnvBound(cdnv(train) as number, 3);
  // 4 (k-1) mean CDNV, CDNV of the pairs being 2/196, 2/196 and 2/392.
  assert.ok(relativeError(bound, (8 * (2 / 196 + 2 / 196 + 2 / 392)) / 3) < 0.05);
  assert.ok(error <= bound && bound < 1);
});

test('of unbalanced classes the bounds are of the error averaged over classes, and the share of all examples can be above them', () => {
  // In one dimension: the large class has outliers beyond half the way to the small one's mean.
  const large = Array.from({ length: 95 }, (_, i) => (i < 18 ? 0.6 : 0));
  const mean = large.reduce<number>((sum, value) => sum + value, 0) / 95;
  const set = {
    values: Float64Array.from([...large.map((value) => value - mean), ...Array(5).fill(0.95)]),
    dimension: 1,
    labels: Int32Array.from({ length: 100 }, (_, i) => (i < 95 ? 0 : 1)),
    classNames: ['large', 'small'],
  };
  const statistics = classStatistics(set);
  const { error, errorOverClasses } = nearestMeanErrors(statistics, set) as NearestMeanErrors;
  const cantelli = cantelliBound(directionalMatrix(set, statistics)) as number;
  assert.deepEqual([error, errorOverClasses], [18 / 100, 18 / 95 / 2]);
  assert.ok(errorOverClasses! <= cantelli && cantelli < error, String(cantelli));
});

test('the error averaged over classes is null where a class has no test examples', () => {
  const train = classStatistics(gaussianClasses([[0], [9]], [1, 1], 50, 8));
  const one = { ...gaussianClasses([[0]], [1], 50, 9), classNames: ['class-0', 'class-1'] };
  assert.deepEqual(nearestMeanErrors(train, one), { error: 0, errorOverClasses: null });
});

test('wrong arguments are refused', () => {
  const train = classStatistics(gaussianClasses([[0], [1]], [1, 1], 3, 7));
  const three = gaussianClasses([[0], [1], [2]], [1, 1, 1], 3, 7);
  for (const call of [
    () => cdnvBound(Number.NaN, 5),
    () => cdnvBound(-1, 5),
    () => cdnvBound(1, 1),
    () => nearestMeanErrors(train, three),
  ])
    assert.throws(call, InputError);
});
