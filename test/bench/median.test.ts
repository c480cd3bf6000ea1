import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median } from '../../bench/median.ts';

test('the median of an even number of values is the mean of the two in the middle', () => {
  assert.equal(median([3, 1]), 2);
  assert.equal(median([10, 1, 4, 2]), 3);
  assert.equal(median([5, 1, 10]), 5);
});
