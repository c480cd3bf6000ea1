import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dropoutMask } from '../../../src/backend/kernels/dropout.ts';
import { dispose, readFloats } from '../../../src/backend/tensor.ts';
import { maskSeed } from '../../../src/models/layers/mask-seed.ts';

test('no two of 10 seeds, 200 steps, 6 layers and 2 kinds of layer share the words of a mask', () => {
  const found = new Set<string>();
  for (let seed = 0; seed < 10; seed++)
    for (let step = 0; step < 200; step++)
      for (let index = 0; index < 6; index++)
        for (const kind of ['dropout', 'dropBlock'])
          found.add(maskSeed([seed, step], { kind, index }).join(' '));
  assert.equal(found.size, 10 * 200 * 6 * 2);
});

test('masks of neighbouring seeds and layers agree at half of the places, as independent ones do', () => {
  const size = 4096;
  const maskOf = (seed: number, step: number, index: number): Float32Array => {
    const mask = dropoutMask([size], 0.5, maskSeed([seed, step], { kind: 'dropout', index }));
    const values = readFloats(mask).slice();
    dispose(mask);
    return values;
  };
  const pairs = [
    [maskOf(0, 3, 1), maskOf(1, 3, 0)],
    [maskOf(0, 3, 0), maskOf(0, 3, 1)],
    [maskOf(0, 3, 0), maskOf(0, 4, 0)],
    [maskOf(2 ** 32 - 1, 3, 0), maskOf(0, 3, 1)],
  ] as const;
  for (const [a, b] of pairs) {
    const same = a.reduce((count, value, i) => count + (value === b[i] ? 1 : 0), 0);
    // Six standard deviations.
    assert.ok(Math.abs(same - size / 2) < 6 * Math.sqrt(size / 4), `${same} of ${size}`);
  }
  assert.deepEqual(maskOf(5, 7, 1), maskOf(5, 7, 1));
});
