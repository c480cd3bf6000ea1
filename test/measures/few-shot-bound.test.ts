import assert from 'node:assert/strict';
import { it } from 'node:test';
import { classStatistics } from '../../src/measures/class-statistics.ts';
import { directionalMatrix } from '../../src/measures/directional.ts';
import { fewShotBound } from '../../src/measures/few-shot-bound.ts';
import { type NearestMeanErrors, nearestMeanErrors } from '../../src/measures/nearest-mean.ts';
import { gaussianClasses } from './samples.ts';

const boundOf = (set: ReturnType<typeof gaussianClasses>, shots?: number) => {
  const statistics = classStatistics(set);
  return fewShotBound(set, statistics, directionalMatrix(set, statistics), shots);
};
const means = [
  [0, 0, 0],
  [9, 0, 0],
  [0, 9, 0],
];

it('is above the mean error of the classifier from 10 supports per class, and below 1 here', () => {
  const bound = boundOf(gaussianClasses(means, [1, 1.2, 0.8], 5000, 1)) as number;
  let error = 0;
  for (let trial = 0; trial < 200; trial++) {
    const supports = classStatistics(gaussianClasses(means, [1, 1.2, 0.8], 10, 100 + trial));
    const queries = gaussianClasses(means, [1, 1.2, 0.8], 50, 5000 + trial);
    error += (nearestMeanErrors(supports, queries) as NearestMeanErrors).error / 200;
  }
  assert.ok(error <= bound && bound < 1, `error ${error}, bound ${bound}`);
});

it('tends to 4 (k-1) directional CDNV with many supports', () => {
  const set = gaussianClasses(means, [1, 1, 1], 500, 2);
  const statistics = classStatistics(set);
  const matrix = directionalMatrix(set, statistics) as Float64Array;
  const leading = (4 / 3) * matrix.reduce((sum, value, at) => (at % 4 === 0 ? sum : sum + value), 0);
  assert.ok(Math.abs((boundOf(set, 1e12) as number) / leading - 1) < 1e-4);
});

it('is undefined for fewer supports than the theorem covers, and where a margin is not positive', () => {
  const set = gaussianClasses(means, [1, 1, 1], 50, 3);
  assert.match(JSON.stringify(boundOf(set, 9)), /10 supports per class or more, not 9/);
  const wide = gaussianClasses([[0], [0.5]], [5, 0.1], 200, 4);
  assert.match(JSON.stringify(boundOf(wide)), /mean margin of class-0 against class-1 is not positive/);
});
