import assert from 'node:assert/strict';
import { it } from 'node:test';
import { largestMagnitude, powerOfTwoScale } from '../../src/linear-algebra/magnitude.ts';

it('the scale is a power of two that brings the largest magnitude to between 1 and 2', () => {
  for (const largest of [1, 1.5, 2, 0.3, 7e-200, 9e200]) {
    const values = Float64Array.of(largest / 3, -largest);
    const scale = powerOfTwoScale(values);
    assert.ok(Number.isInteger(Math.log2(scale)), `${scale}`);
    assert.ok(largestMagnitude(values) / scale >= 1 && largestMagnitude(values) / scale < 2, `${largest}`);
  }
});

it('zeros have the scale 1, and what is below 2^-1000 has that one', () => {
  assert.equal(powerOfTwoScale(new Float32Array(3)), 1);
  assert.equal(powerOfTwoScale(Float64Array.of(5e-324)), 2 ** -1000);
});
