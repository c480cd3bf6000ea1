import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cutOut, cutoutOf } from '../../../src/data/augmentation/cutout.ts';
import {
  type Box,
  enlarge,
  noEnlargement,
  resizedCropOf,
} from '../../../src/data/augmentation/resized-crop.ts';
import { angleOf, rotate } from '../../../src/data/augmentation/rotation.ts';

interface Case {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly image: string;
  readonly out: string;
}

interface Fixture {
  readonly crops: readonly (Case & { readonly box: Box })[];
  readonly rotations: readonly (Case & { readonly degrees: number })[];
  readonly boxes: readonly {
    readonly height: number;
    readonly width: number;
    readonly scale: [number, number];
    readonly ratio: [number, number];
    readonly draws: number;
    readonly mean: readonly number[];
    readonly variance: readonly number[];
  }[];
}

const { crops, rotations, boxes } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/geometry.json'), 'utf8'),
) as Fixture;
const bytesOf = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, 'base64'));

test("a resized crop gives the bytes of torchvision's on Pillow images", () => {
  assert.ok(crops.length >= 48);
  for (const { height, width, channels, image, box, out } of crops) {
    const target = new Uint8Array(height * width * channels).fill(77);
    const rows = new Uint8Array(target.length);
    const scratch = { across: noEnlargement(width), down: noEnlargement(height), rows };
    enlarge(target, bytesOf(image), box, channels, scratch);
    assert.deepEqual(target, bytesOf(out), JSON.stringify(box));
  }
});

test("a rotation gives the bytes of torchvision's on Pillow images", () => {
  assert.ok(rotations.length >= 48);
  for (const { image, degrees, out, ...shape } of rotations) {
    const target = new Uint8Array(shape.height * shape.width * shape.channels).fill(77);
    rotate(target, bytesOf(image), shape, degrees);
    assert.deepEqual(target, bytesOf(out), `${degrees} degrees of ${shape.height}x${shape.width}`);
  }
});

test("random boxes are distributed as torchvision's, with the box in the middle where none fits", () => {
  const draws = 20_000;
  for (const { height, width, scale, ratio, draws: theirs, mean, variance } of boxes) {
    const sums = [0, 0, 0, 0];
    const squares = [0, 0, 0, 0];
    for (let index = 0; index < draws; index++) {
      const box = resizedCropOf({ scale, ratio }, { height, width }, 4, 2, index);
      [box.top, box.left, box.height, box.width].forEach((value, at) => {
        sums[at]! += value;
        squares[at]! += value * value;
      });
    }
    sums.forEach((sum, at) => {
      const ours = sum / draws;
      const spread = squares[at]! / draws - ours ** 2;
      // Five standard errors of the difference of two means; a variance of 20,000 draws is known to 2 %.
      const error = Math.sqrt(variance[at]! / theirs + spread / draws);
      assert.ok(
        Math.abs(ours - mean[at]!) <= 5 * error + 1e-9,
        `${height}x${width}, number ${at}: ${ours}, not ${mean[at]}`,
      );
      assert.ok(
        Math.abs(spread - variance[at]!) <= 0.1 * variance[at]! + 1e-9,
        `variance ${spread}, not ${variance[at]}`,
      );
    });
  }
});

test('angles fill their range evenly', () => {
  const angles = Array.from({ length: 20_000 }, (_, index) => angleOf(15, 1, 0, index));
  const mean = angles.reduce((sum, angle) => sum + angle, 0) / angles.length;
  const square = angles.reduce((sum, angle) => sum + angle * angle, 0) / angles.length;
  assert.ok(angles.every((angle) => Math.abs(angle) <= 15));
  assert.ok(Math.abs(mean) < (5 * 30) / Math.sqrt(12 * angles.length), `mean ${mean}`);
  assert.ok(Math.abs(square - 75) < 3, `mean square ${square}, not 15^2 / 3`);
});

test('cutout fills the square with the mean, cut off at the border, and its centre is any pixel', () => {
  const shape = { height: 6, width: 5, channels: 3 };
  const image = Uint8Array.from({ length: 90 }, (_, at) => at);
  cutOut(image, shape, { mean: [0.5, 0, 1], std: [1, 1, 1] }, { top: -1, left: 3, side: 4 });
  image.forEach((byte, at) => {
    const [y, x, c] = [Math.floor(at / 15), Math.floor(at / 3) % 5, at % 3];
    assert.equal(byte, y < 3 && x >= 3 ? [128, 0, 255][c] : at, `${y}, ${x}, ${c}`);
  });
  const seen = new Set<string>();
  for (let index = 0; index < 2000; index++) {
    const { top, left, side } = cutoutOf(4, shape, 0, 0, index);
    assert.equal(side, 4);
    seen.add(`${top} ${left}`);
    assert.ok(top >= -2 && top < 4 && left >= -2 && left < 3);
  }
  assert.equal(seen.size, 30);
});
