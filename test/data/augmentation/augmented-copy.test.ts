import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Augmentation, noAugmentation } from '../../../src/config/augmentation-schema.ts';
import { augmentedCopy } from '../../../src/data/augmentation/augmented-copy.ts';
import { fillBatch } from '../../../src/data/augmentation/fill-batch.ts';
import type { ImageSet } from '../../../src/data/image-set.ts';

const images = Uint8Array.from({ length: 300 * 6 * 5 * 3 }, (_, i) => (i * 37 + (i >> 3)) % 256);
const set: ImageSet = {
  ...{ name: 'small', height: 6, width: 5, channels: 3, images, classNames: ['a'] },
  labels: new Int32Array(300),
};

const normalization = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3] };
const everything: Augmentation = {
  augmentation: 'flip',
  resizedCrop: { scale: [0.2, 1], ratio: [0.5, 2] },
  rotation: 30,
  cutout: 2,
  jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 },
};

test('a copy holds the bytes that training feeds in that epoch', () => {
  const order = Int32Array.from({ length: 300 }, (_, i) => i);
  const fed = new Float32Array(images.length);
  fillBatch(fed, set, order, { normalization, augmentation: everything, seed: 7, epoch: 2 });
  const again = new Float32Array(images.length);
  const copy = augmentedCopy(set, { augmentation: everything, normalization, seed: 7, copy: 2 });
  fillBatch(again, copy, order, { normalization, augmentation: noAugmentation, seed: 0, epoch: 0 });
  assert.deepEqual(again, fed);
});

test('copies differ by number and seed, and with none a copy is the set', () => {
  const bytes = (seed: number, copy: number) =>
    Buffer.from(augmentedCopy(set, { augmentation: everything, normalization, seed, copy }).images);
  assert.notDeepEqual(bytes(0, 0), bytes(0, 1));
  assert.notDeepEqual(bytes(0, 0), bytes(1, 0));
  assert.deepEqual(
    augmentedCopy(set, { augmentation: noAugmentation, normalization, seed: 0, copy: 0 }).images,
    images,
  );
});
