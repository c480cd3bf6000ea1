import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { crc32, deflateSync } from 'node:zlib';
import { decodeImage } from '../../src/data/decode-image.ts';
import { averageSquare } from '../../src/data/resize.ts';

const fixtures = new URL('./fixtures/', import.meta.url);
const { side, pixels } = JSON.parse(readFileSync(new URL('images.json', fixtures), 'utf8')) as {
  readonly side: number;
  readonly pixels: Readonly<Record<string, readonly number[]>>;
};
const fileOf = (name: string): Uint8Array => readFileSync(new URL(`images/${name}`, fixtures));

// JPEG, progressive and grey; PNG of three colour types and with transparency; GIF; BMP; wide, tall and square.
for (const [name, expected] of Object.entries(pixels))
  test(`${name} has the pixels that Pillow decodes, averaged over areas`, async () => {
    const found = averageSquare(await decodeImage(fileOf(name)), side);
    assert.equal(found.length, side * side * 3);
    const isAsItWas = name.includes('same-size') || name.includes('boat/grey') || name.includes('palette');
    // Rounding to bytes is half a level; what is not resized is exact. The fixture has three decimals.
    const tolerance = isAsItWas ? 0 : 0.5 + 1e-3;
    const largest = Math.max(...expected.map((value, at) => Math.abs(value - found[at]!)));
    assert.ok(largest <= tolerance, `${largest} levels off`);
  });

test('an image smaller than asked for is enlarged', async () => {
  const picture = await decodeImage(fileOf('boat/grey.png'));
  const found = averageSquare(picture, 2 * side);
  const small = averageSquare(picture, side);
  for (let y = 0; y < 2 * side; y++)
    for (let x = 0; x < 2 * side; x++)
      assert.equal(found[3 * (y * 2 * side + x)], small[3 * ((y >> 1) * side + (x >> 1))]);
});

const refuses = (bytes: Uint8Array, message: RegExp): Promise<void> =>
  assert.rejects(decodeImage(bytes), (error: Error) => {
    assert.match(error.message, message);
    assert.doesNotMatch(error.message, /\n/);
    return true;
  });

test('what is no image, or only the beginning of one, is refused with the reason', async () => {
  await refuses(Buffer.from('plain text'), /unsupported image format/);
  await refuses(new Uint8Array(0), /^an empty file/);
  for (const [name, message] of [
    ['bird/wide.jpg', /./],
    ['bird/same-size.png', /./],
    ['boat/still.gif', /./],
    ['boat/plain.bmp', /says 20 by 24 pixels and holds/],
  ] as const) {
    const whole = fileOf(name);
    await refuses(whole.subarray(0, Math.floor(whole.length / 2)), message);
  }
});

const chunk = (type: string, data: Uint8Array): Buffer => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
};

/** A PNG of a few bytes that says how large it is. */
const pngOf = (width: number, height: number): Buffer => {
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 2, 0, 0, 0]);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.alloc(100));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', data),
    chunk('IEND', Buffer.alloc(0)),
  ]);
};

test('a header that announces gigabytes is refused before they are taken', async () => {
  await decodeImage(fileOf('boat/grey.png'));
  const before = process.resourceUsage().maxRSS;
  await refuses(pngOf(60_000, 60_000), /exceeds pixel limit/);
  const jpeg = Buffer.from(fileOf('boat/progressive.jpg'));
  // Start of frame (progressive): marker, length, precision, height, width.
  const frame = jpeg.indexOf(Buffer.from([0xff, 0xc2]));
  jpeg.writeUInt32BE(0xea60ea60, frame + 5);
  await refuses(jpeg, /exceeds pixel limit/);
  const bitmap = Buffer.from(fileOf('boat/plain.bmp'));
  bitmap.writeInt32LE(60_000, 18);
  bitmap.writeInt32LE(60_000, 22);
  await refuses(bitmap, /a BMP of 60000 by 60000 pixels; at most/);
  // 10.8 GB are announced; kilobytes are what resourceUsage counts.
  assert.ok(process.resourceUsage().maxRSS - before < 500_000);
});
