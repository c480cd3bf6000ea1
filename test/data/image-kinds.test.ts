import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decodeImage } from '../../src/data/decode-image.ts';
import { resizeAndCrop } from '../../src/data/resize.ts';
import { readNpz } from '../../src/formats/npz.ts';

/** Made by fixtures/image-kinds.py with Pillow. */
const arrays = readNpz(fileURLToPath(new URL('fixtures/image-kinds.npz', import.meta.url)));
const fileOf = (name: string): Uint8Array => arrays.get(`file/${name}`)!.values as Uint8Array;

for (const [key, { shape, values }] of arrays) {
  const name = key.slice('pixels/'.length);
  if (key.startsWith('pixels/'))
    test(`${name}: Pillow's pixels, all of them`, async () => {
      const { width, height, pixels, isDeepGrey } = await decodeImage(fileOf(name));
      assert.deepEqual([height, width, 3], shape);
      assert.deepEqual(Buffer.from(pixels), Buffer.from(values as Uint8Array));
      assert.equal(isDeepGrey, name === 'grey16.png');
    });
  if (key.startsWith('resized/')) {
    const [, file, shorter, side] = key.split('/') as [string, string, string, string];
    test(`${file}: resized to ${shorter} and cropped to ${side} as torchvision does, within one level`, async () => {
      const found = resizeAndCrop(await decodeImage(fileOf(file)), Number(shorter), Number(side));
      assert.equal(found.length, values.length);
      const largest = Math.max(...found.map((value, at) => Math.abs(value - (values[at] as number))));
      assert.ok(largest <= 1, `${largest} levels off`);
    });
  }
}

const refusals: readonly (readonly [name: string, message: RegExp])[] = [
  ['cmyk.jpg', /^a CMYK image/],
  ['cmyk.tif', /^a CMYK image/],
  ['holes.gif', /^a GIF with transparent pixels/],
  ['partial.gif', /^a GIF whose first frame does not cover its canvas/],
  ['rle8.bmp', /^a BMP of 8 bits, compression 1/],
  ['16.bmp', /^a BMP of 16 bits/],
  ['ycbcr.tif', /^a TIFF of YCbCr without JPEG/],
  ['ycbcr-lzw.tif', /^a TIFF of YCbCr without JPEG/],
  ['float.tif', /^an image of float values, whose black and white are not known/],
  ['int32.tif', /^an image of int values/],
];
for (const [name, message] of refusals)
  test(`${name} is refused with the reason`, () => assert.rejects(decodeImage(fileOf(name)), { message }));

test('a picture smaller than the crop is refused', () =>
  assert.throws(
    () => resizeAndCrop({ width: 4, height: 4, pixels: new Uint8Array(48) }, 4, 5),
    /cannot be cropped/,
  ));
