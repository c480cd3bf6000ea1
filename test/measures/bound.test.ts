import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { cdnvBound } from '../../src/measures/bound.ts';
import { cdnv } from '../../src/measures/cdnv.ts';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import { nearestMeanError } from '../../src/measures/nearest-mean.ts';
import { gaussianClasses, relativeError } from './samples.ts';

/** Standard normal distribution function at -1 (tables). */
const phiOfMinusOne = 0.158655253931457;

test('two Gaussian classes at distance 2 standard deviations: the error is Phi(-1), the bound 4 CDNV', () => {
  const means = [
    [0, 0],
    [2, 0],
  ];
  const train = classStatistics(gaussianClasses(means, [1, 1], 20_000, 1));
  const error = nearestMeanError(train, gaussianClasses(means, [1, 1], 20_000, 2)) as number;
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
  const error = nearestMeanError(train, gaussianClasses(means, [1, 1, 1], 5000, 4)) as number;
  const bound = cdnvBound(cdnv(train) as number, 3);
  // 4 (k-1) mean CDNV, CDNV of the pairs being 2/196, 2/196 and 2/392.
  assert.ok(relativeError(bound, (8 * (2 / 196 + 2 / 196 + 2 / 392)) / 3) < 0.05);
  assert.ok(error <= bound && bound < 1);
});

test('wrong arguments are refused', () => {
  const train = classStatistics(gaussianClasses([[0], [1]], [1, 1], 3, 7));
  const three = gaussianClasses([[0], [1], [2]], [1, 1, 1], 3, 7);
  for (const call of [
    () => cdnvBound(Number.NaN, 5),
    () => cdnvBound(-1, 5),
    () => cdnvBound(1, 1),
    () => nearestMeanError(train, three),
  ])
    assert.throws(call, InputError);
});
