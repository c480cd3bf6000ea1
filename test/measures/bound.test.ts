import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { cdnvBound, geometricCollapseBound, inputCovarianceFloor } from '../../src/measures/bound.ts';
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
  assert.ok(Math.abs(bound.value - 4 * 0.5) < 0.04);
  assert.equal(bound.capped, 1);
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
  assert.ok(relativeError(bound.value, (8 * (2 / 196 + 2 / 196 + 2 / 392)) / 3) < 0.05);
  assert.equal(bound.capped, bound.value);
  assert.ok(error <= bound.value);
});

test('a linear map of Gaussian inputs: the floor is the Poincare constant, and its bound is the one of CDNV', () => {
  const means = [
    [0, 0],
    [9, 0],
  ];
  // The identity has geometric complexity 2 in two dimensions; a Gaussian's Poincare constant is its largest variance.
  const embeddings = gaussianClasses(means, [1.5, 1.5], 20_000, 5);
  assert.ok(relativeError(inputCovarianceFloor(embeddings) as number, 2.25) < 0.03);
  const fromComplexity = geometricCollapseBound(2 / 81, 2, 2.25);
  assert.ok(relativeError(fromComplexity.value, cdnvBound((2 * 2.25) / 81, 2).value) < 1e-12);
});

test('the largest eigenvalue of a class covariance, here 4 along (3, 4) / 5 and 0 across', () => {
  const floor = inputCovarianceFloor({
    values: Float64Array.of(-1.2, -1.6, 1.2, 1.6, 10, 10, 10, 10),
    dimension: 2,
    labels: Int32Array.of(0, 0, 1, 1),
    classNames: ['along', 'point'],
  });
  assert.ok(relativeError(floor as number, 4) < 1e-9);
});

test('wrong arguments are refused', () => {
  const train = classStatistics(gaussianClasses([[0], [1]], [1, 1], 3, 7));
  const three = gaussianClasses([[0], [1], [2]], [1, 1, 1], 3, 7);
  for (const call of [
    () => cdnvBound(Number.NaN, 5),
    () => cdnvBound(-1, 5),
    () => cdnvBound(1, 1),
    () => geometricCollapseBound(1, 5, 0),
    () => nearestMeanError(train, three),
  ])
    assert.throws(call, InputError);
});
