import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { maskByPositive, relu } from '../../src/backend/kernels/pointwise.ts';
import { dispose, liveTensorCount } from '../../src/backend/tensor.ts';
import { floats, tensorOf } from './made.ts';

const values = Float32Array.of(-4, -0.5, 0, 0.5, 4, Number.NaN, Number.NEGATIVE_INFINITY);

for (const precision of ['float32', 'bfloat16'] as const)
  describe(`ReLU and LeakyReLU in ${precision}`, () => {
    // Slopes that bfloat16 has, so that the products are exact.
    for (const slope of [0, 0.125, 1, 2])
      it(`slope ${slope}: x where it is positive, elsewhere slope times x; so the gradient, by the output`, () => {
        const before = liveTensorCount();
        const x = tensorOf(values, [values.length], precision);
        const y = relu(x, slope);
        const expected = values.map((value) =>
          value > 0 ? value : value === -Infinity && slope === 0 ? 0 : slope * value,
        );
        assert.deepEqual(
          floats(y).map((value) => value + 0),
          expected.map((value) => value + 0),
        );
        // Two gradients for each example: the second half belongs to the same outputs.
        const g = tensorOf(
          Float32Array.from([...values.keys(), ...values.keys()]),
          [2 * values.length],
          precision,
        );
        const dx = maskByPositive(g, y, slope);
        const expectedGradient = values.map((value, at) => (value > 0 ? at : slope * at));
        assert.deepEqual(floats(dx), Float32Array.from([...expectedGradient, ...expectedGradient]));
        dispose(x, y, g, dx);
        assert.equal(liveTensorCount(), before);
      });
  });
