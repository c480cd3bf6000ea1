import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { biasGradient } from '../../src/backend/kernels/bias.ts';
import { dispose, liveTensorCount } from '../../src/backend/tensor.ts';
import { floats, tensorOf } from './made.ts';

describe("a bias's gradient", () => {
  for (const precision of ['float32', 'bfloat16'] as const)
    it(`is the sum over examples and places, however many: ${precision}`, () => {
      const before = liveTensorCount();
      const [rows, channels] = [4 * 32 * 32, 3];
      // Channel 0 is all ones; channel 1 has ones and minus ones that cancel but for two; channel 2 has quarters.
      const values = Float32Array.from({ length: rows * channels }, (_, i) => {
        const [row, channel] = [Math.floor(i / channels), i % channels];
        return [1, row < 2 || row % 2 === 0 ? 1 : -1, 0.25][channel]!;
      });
      const gradient = tensorOf(values, [4, 32, 32, channels], precision);
      const sum = biasGradient(gradient);
      assert.equal(sum.dtype, 'float32');
      assert.deepEqual([...floats(sum)], [rows, 2, rows / 4]);
      dispose(gradient, sum);
      assert.equal(liveTensorCount(), before);
    });
});
