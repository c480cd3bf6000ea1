import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dropBlockMask } from '../../src/backend/kernels/drop-block.ts';
import { dispose, liveTensorCount, sizeOf } from '../../src/backend/tensor.ts';
import { floats } from './made.ts';

type Shape = readonly [examples: number, height: number, width: number, channels: number];

const maskOf = (shape: Shape, size: number, startProbability: number, seed: readonly [number, number]) => {
  const mask = dropBlockMask(shape, { size, startProbability }, seed);
  assert.deepEqual(mask.shape, shape);
  const values = floats(mask);
  dispose(mask);
  return values;
};

const reader = (values: Float32Array, [, height, width, channels]: Shape) => {
  const at = (n: number, i: number, j: number, c: number): number =>
    values[((n * height + i) * width + j) * channels + c]!;
  return at;
};

/** How many places a block that covers this row (or column) can start at. */
const startsOver = (at: number, side: number, size: number): number =>
  Math.min(at, side - size) - Math.max(0, at - size + 1) + 1;

for (const [shape, size] of [
  [[64, 8, 8, 16], 1],
  [[64, 4, 4, 40], 2],
  [[64, 10, 10, 12], 5],
  [[64, 5, 7, 12], 3],
  [[64, 5, 5, 40], 5],
] as const)
  describe(`DropBlock's mask of ${shape.slice(1, 3).join('x')} in blocks of ${size}`, () => {
    const [examples, height, width, channels] = shape;
    const probability = 0.05;
    const values = maskOf(shape, size, probability, [3, 7]);
    const isDropped = reader(
      values.map((value) => (value === 0 ? 1 : 0)),
      shape,
    );

    it('is whole blocks: each value that is left out has a block around it that is', () => {
      const hasBlock = (n: number, i: number, j: number, c: number): boolean => {
        for (let top = Math.max(0, i - size + 1); top <= Math.min(i, height - size); top++)
          for (let left = Math.max(0, j - size + 1); left <= Math.min(j, width - size); left++) {
            let dropped = 0;
            for (let k = 0; k < size * size; k++)
              dropped += isDropped(n, top + Math.floor(k / size), left + (k % size), c);
            if (dropped === size * size) return true;
          }
        return false;
      };
      let seen = 0;
      for (let n = 0; n < examples; n++)
        for (let i = 0; i < height; i++)
          for (let j = 0; j < width; j++)
            for (let c = 0; c < channels; c++)
              if (isDropped(n, i, j, c)) {
                seen++;
                assert.ok(hasBlock(n, i, j, c), `${n}, ${i}, ${j}, ${c}`);
              }
      assert.ok(seen > 0);
    });

    it('leaves out each place as often as the starts that reach it say: 1 - (1 - p)^starts', () => {
      for (let i = 0; i < height; i++)
        for (let j = 0; j < width; j++) {
          const starts = startsOver(i, height, size) * startsOver(j, width, size);
          const expected = 1 - (1 - probability) ** starts;
          let dropped = 0;
          for (let n = 0; n < examples; n++)
            for (let c = 0; c < channels; c++) dropped += isDropped(n, i, j, c);
          const draws = examples * channels;
          const deviation = Math.sqrt((expected * (1 - expected)) / draws);
          assert.ok(Math.abs(dropped / draws - expected) <= 5 * deviation, `${i}, ${j}: ${dropped / draws}`);
        }
    });

    it('has one factor, all values divided by those kept', () => {
      const kept = values.filter((value) => value !== 0);
      const factor = sizeOf(shape) / kept.length;
      assert.ok(kept.every((value) => Math.abs(value / factor - 1) < 1e-6));
    });

    it('is a function of both words of the seed', () => {
      const before = liveTensorCount();
      assert.deepEqual(maskOf(shape, size, probability, [3, 7]), values);
      assert.notDeepEqual(maskOf(shape, size, probability, [4, 7]), values);
      assert.notDeepEqual(maskOf(shape, size, probability, [3, 8]), values);
      assert.equal(liveTensorCount(), before);
    });
  });

describe("DropBlock's mask at its ends", () => {
  const shape = [4, 6, 6, 8] as const;
  it('is 1 everywhere where no block starts', () => {
    assert.ok(maskOf(shape, 3, 0, [0, 0]).every((value) => value === 1));
  });
  it('is 0 everywhere, and not undefined, where one starts at every place', () => {
    assert.ok(maskOf(shape, 3, 1, [0, 0]).every((value) => value === 0));
  });
});
