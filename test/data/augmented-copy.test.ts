import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fillBatch } from '../../src/data/augment.ts';
import { augmentedCopy } from '../../src/data/augmented-copy.ts';
import type { ImageSet } from '../../src/data/image-set.ts';

const images = Uint8Array.from({ length: 300 * 6 * 5 * 3 }, (_, i) => (i * 37 + (i >> 3)) % 256);
const set: ImageSet = {
  ...{ name: 'small', height: 6, width: 5, channels: 3, images, classNames: ['a'] },
  labels: new Int32Array(300),
};

test('a copy holds the bytes that training feeds in that epoch', () => {
  const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] };
  const order = Int32Array.from({ length: 300 }, (_, i) => i);
  const fed = new Float32Array(images.length);
  fillBatch(fed, set, order, { normalization, augmentation: 'crop-flip', seed: 7, epoch: 2 });
  const again = new Float32Array(images.length);
  const copy = augmentedCopy(set, 'crop-flip', 7, 2);
  fillBatch(again, copy, order, { normalization, augmentation: 'none', seed: 0, epoch: 0 });
  assert.deepEqual(again, fed);
});

test('copies differ by number and seed, and with none a copy is the set', () => {
  const bytes = (seed: number, copy: number) =>
    Buffer.from(augmentedCopy(set, 'crop-flip', seed, copy).images);
  assert.notDeepEqual(bytes(0, 0), bytes(0, 1));
  assert.notDeepEqual(bytes(0, 0), bytes(1, 0));
  assert.deepEqual(augmentedCopy(set, 'none', 0, 0).images, images);
});
