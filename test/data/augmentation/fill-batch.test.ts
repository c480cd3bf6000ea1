import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Augmentation, noAugmentation } from '../../../src/config/augmentation-schema.ts';
import type { AugmenterOptions as BatchOptions } from '../../../src/data/augmentation/augmenter.ts';
import { fillBatch } from '../../../src/data/augmentation/fill-batch.ts';
import { applyJitter, jitterOf } from '../../../src/data/augmentation/jitter.ts';
import { cropPadding, placementOf } from '../../../src/data/augmentation/placement.ts';
import { type ImageSet, pixelsPerImage } from '../../../src/data/image-set.ts';
import { numberedSet } from '../small-sets.ts';

const normalization = { mean: [0.5, 0.4, 0.3], std: [0.25, 0.2, 0.5] };
const classNames = ['a', 'b'];
const rfs: Augmentation = {
  augmentation: 'crop-flip',
  jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4 },
};

/** torchvision's transforms taken literally: RandomCrop(size, padding=4) on bytes, ColorJitter, flip, ToTensor, Normalize. */
function oneByOne(set: ImageSet, index: number, options: BatchOptions): number[] {
  const { height, width, channels } = set;
  const pixel = (y: number, x: number, c: number) =>
    set.images[index * pixelsPerImage(set) + (y * width + x) * channels + c]!;
  const padded = Array.from({ length: height + 2 * cropPadding }, (_, y) =>
    Array.from({ length: width + 2 * cropPadding }, (_, x) => {
      const [innerY, innerX] = [y - cropPadding, x - cropPadding];
      const inside = innerY >= 0 && innerY < height && innerX >= 0 && innerX < width;
      return Array.from({ length: channels }, (_, c) => (inside ? pixel(innerY, innerX, c) : 0));
    }),
  );
  const { top, left, flip } = placementOf(
    options.augmentation.augmentation,
    options.seed,
    options.epoch,
    index,
  );
  const cropped = padded
    .slice(top + cropPadding, top + cropPadding + height)
    .map((row) => row.slice(left + cropPadding, left + cropPadding + width));
  return jittered(cropped, channels, index, options)
    .map((row) => (flip ? row.toReversed() : row))
    .flat(2)
    .map((byte, at) => {
      const c = at % channels;
      return Math.fround((byte / 255 - options.normalization.mean[c]!) / options.normalization.std[c]!);
    });
}

function jittered(image: number[][][], channels: number, index: number, options: BatchOptions): number[][][] {
  const { augmentation, seed, epoch } = options;
  if (augmentation.jitter === undefined) return image;
  const bytes = Uint8Array.from(image.flat(2));
  applyJitter(bytes, channels, jitterOf(augmentation.jitter, seed, epoch, index));
  let at = 0;
  return image.map((row) => row.map((pixel) => pixel.map(() => bytes[at++]!)));
}

for (const augmentation of [
  noAugmentation,
  { augmentation: 'crop' },
  { augmentation: 'flip' },
  { augmentation: 'crop-flip' },
  rfs,
  { ...rfs, augmentation: 'none' },
] satisfies Augmentation[])
  for (const shape of [
    { height: 8, width: 8, channels: 3 },
    { height: 6, width: 9, channels: 1 },
    { height: 2, width: 3, channels: 3 },
  ])
    test(`a batch with ${JSON.stringify(augmentation)} of ${shape.height}x${shape.width}x${shape.channels} is what the transforms say`, () => {
      const set = numberedSet(40, classNames, shape);
      const options: BatchOptions = {
        normalization: {
          mean: normalization.mean.slice(0, shape.channels),
          std: normalization.std.slice(0, shape.channels),
        },
        augmentation,
        seed: 3,
        epoch: 2,
      };
      const indices = Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
      const target = new Float32Array(40 * pixelsPerImage(set));
      fillBatch(target, set, indices, options);
      assert.deepEqual(
        [...target],
        indices.flatMap((index) => oneByOne(set, index, options)),
      );
    });

const everything: Augmentation = {
  augmentation: 'flip',
  resizedCrop: { scale: [0.1, 1], ratio: [0.75, 1.5] },
  rotation: 20,
  jitter: { brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.2 },
  cutout: 2,
};

for (const augmentation of [rfs, everything])
  test(`an example is the same alone and in a batch: ${Object.keys(augmentation).join(', ')}`, () => {
    const set = numberedSet(10, classNames);
    const options: BatchOptions = { normalization, augmentation, seed: 9, epoch: 4 };
    const size = pixelsPerImage(set);
    const batch = new Float32Array(10 * size);
    fillBatch(batch, set, [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], options);
    const alone = new Float32Array(size);
    fillBatch(alone, set, [6], options);
    assert.deepEqual(alone, batch.slice(3 * size, 4 * size));
    for (const other of [{ seed: 8 }, { epoch: 5 }]) {
      fillBatch(alone, set, [6], { ...options, ...other });
      assert.notDeepEqual(alone, batch.slice(3 * size, 4 * size));
    }
  });

test('each transform changes the images, and a later one leaves the draws of the others', () => {
  const set = numberedSet(30, classNames, { height: 8, width: 8 });
  const fed = (augmentation: Augmentation) => {
    const target = new Float32Array(30 * pixelsPerImage(set));
    const order = Array.from({ length: 30 }, (_, index) => index);
    fillBatch(target, set, order, { normalization, augmentation, seed: 1, epoch: 0 });
    return target;
  };
  const plain = fed(noAugmentation);
  for (const key of ['augmentation', 'resizedCrop', 'rotation', 'jitter', 'cutout'] as const)
    assert.notDeepEqual(fed({ ...noAugmentation, [key]: everything[key] }), plain, key);
  // Cutout comes last: outside the square everything is as without it.
  const [cut, whole] = [fed(everything), fed({ ...everything, cutout: undefined })];
  assert.ok(cut.filter((value, at) => value !== whole[at]).length <= 30 * 2 * 2 * 3);
});

test('crops are uniform over the 81 places and half of the images are mirrored', () => {
  const n = 40_500;
  const counts = new Float64Array(81);
  let flips = 0;
  let inUpperThird = 0;
  let flipsInUpperThird = 0;
  for (let index = 0; index < n; index++) {
    const { top, left, flip } = placementOf('crop-flip', 5, 1, index);
    const cell = (top + 4) * 9 + left + 4;
    counts[cell]! += 1;
    flips += flip ? 1 : 0;
    if (cell >= 27) continue;
    inUpperThird += 1;
    flipsInUpperThird += flip ? 1 : 0;
  }
  const expected = n / 81;
  const chiSquare = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
  // 80 degrees of freedom: the 0.0001 and 0.9999 quantiles.
  assert.ok(chiSquare > 40.2 && chiSquare < 136.6, `chi-square ${chiSquare}`);
  assert.ok(Math.abs(flips - n / 2) < 5 * Math.sqrt(n / 4), `${flips} of ${n} mirrored`);
  const excess = Math.abs(flipsInUpperThird - inUpperThird / 2);
  assert.ok(excess < 5 * Math.sqrt(inUpperThird / 4), 'mirrored independently of the place');
});

test('crop never mirrors, flip and none never move, and epochs differ', () => {
  const places = Array.from({ length: 200 }, (_, index) => placementOf('crop', 0, 0, index));
  assert.ok(places.every(({ flip }) => !flip));
  assert.deepEqual(placementOf('none', 0, 0, 3), { top: 0, left: 0, flip: false });
  const flips = Array.from({ length: 200 }, (_, index) => placementOf('flip', 0, 0, index));
  assert.ok(flips.every(({ top, left }) => top === 0 && left === 0));
  const flipped = (each: { readonly flip: boolean }[]) => each.map(({ flip }) => flip);
  const both = Array.from({ length: 200 }, (_, index) => placementOf('crop-flip', 0, 0, index));
  assert.deepEqual(flipped(flips), flipped(both));
  const next = Array.from({ length: 200 }, (_, index) => placementOf('crop', 0, 1, index));
  const same = next.filter(
    (place, index) => place.top === places[index]!.top && place.left === places[index]!.left,
  );
  assert.ok(same.length < 15, `${same.length} of 200 unchanged`);
});

test('a target too small, an index out of range or channels that differ stop the batch', () => {
  const set = numberedSet(4, classNames);
  const options: BatchOptions = { normalization, augmentation: noAugmentation, seed: 0, epoch: 0 };
  const target = new Float32Array(pixelsPerImage(set));
  assert.throws(() => fillBatch(target, set, [0, 1], options), /do not fit/);
  assert.throws(() => fillBatch(target, set, [4], options), /example 4 of 4/);
  assert.throws(
    () => fillBatch(target, set, [0], { ...options, normalization: { mean: [0], std: [1] } }),
    /1 channels of normalisation/,
  );
});
