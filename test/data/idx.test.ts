import assert from 'node:assert/strict';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { measuredNormalization, normalizationOf } from '../../src/data/normalization.ts';
import { mnist } from '../../src/data/sets/mnist.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

const idx = (shape: readonly number[], values: readonly number[]): Uint8Array =>
  Uint8Array.from([
    0,
    0,
    8,
    shape.length,
    ...shape.flatMap((length) => [0, 0, length >> 8, length & 255]),
    ...values,
  ]);

const pixels = (count: number) => Array.from({ length: count * 6 }, (_, at) => (at * 11) % 256);

function writeMnist(dataFolder: string, gzipped: boolean): string {
  const folder = join(dataFolder, 'mnist');
  mkdirSync(folder);
  for (const [prefix, count] of [
    ['train', 300],
    ['t10k', 20],
  ] as const)
    for (const [name, content] of [
      ['images-idx3', idx([count, 2, 3], pixels(count))],
      [
        'labels-idx1',
        idx(
          [count],
          Array.from({ length: count }, (_, i) => i % 10),
        ),
      ],
    ] as const) {
      const path = join(folder, `${prefix}-${name}-ubyte`);
      if (gzipped) writeFileSync(`${path}.gz`, gzipSync(content));
      else writeFileSync(path, content);
    }
  return folder;
}

for (const gzipped of [false, true])
  test(`IDX files are read ${gzipped ? 'gzipped' : 'plain'}`, async (t) => {
    const dataFolder = scratchFolder(t);
    writeMnist(dataFolder, gzipped);
    const train = await mnist.open({ dataFolder }).load('train');
    assert.deepEqual([train.height, train.width, train.channels], [2, 3, 1]);
    assert.deepEqual([...train.images], pixels(300));
    assert.deepEqual([...train.labels.subarray(8, 12)], [8, 9, 0, 1]);
    assert.equal((await mnist.open({ dataFolder }).load('whole')).labels.length, 320);
  });

test('a wrong IDX file is refused in one line that names it', async (t) => {
  const dataFolder = scratchFolder(t);
  const source = mnist.open({ dataFolder });
  const refuses = (message: RegExp) =>
    assert.rejects(
      source.load('train'),
      (error: Error) =>
        error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
      String(message),
    );
  await refuses(/mnist: no readable file .*train-images-idx3-ubyte or .gz; run `gcnc data fetch mnist`/);
  const folder = writeMnist(dataFolder, true);
  const images = join(folder, 'train-images-idx3-ubyte');
  writeFileSync(`${images}.gz`, gzipSync(idx([300, 2, 3], pixels(300))).subarray(0, 100));
  await refuses(/ubyte.gz: expected a gzip file, found it truncated or damaged/);
  writeFileSync(images, idx([300, 2, 3], pixels(299)));
  await refuses(/expected 1800 values \(300 x 2 x 3\), found 1794/);
  writeFileSync(images, idx([300, 2], pixels(100)));
  await refuses(/expected an IDX file of bytes in 3 dimensions/);
  writeFileSync(images, idx([299, 2, 3], pixels(299)));
  await refuses(/expected 299 labels, one per image, found 300/);
  writeFileSync(images, idx([300, 2, 3], pixels(300)));
  writeFileSync(join(folder, 'train-labels-idx1-ubyte'), idx([300], new Array(300).fill(10)));
  await refuses(/expected labels below 10, found 10 at 0/);
});

// .ci/run installs Debian's dataset-fashion-mnist, and there it must be; elsewhere the files above stand for it.
const systemFolder = '/usr/share/datasets/fashion-mnist';
if (existsSync(systemFolder) || process.env.CI)
  test("Debian's Fashion-MNIST is found by its name, complete, and has the published mean and deviation", async () => {
    const source = openDataSource('fashion-mnist', { dataFolder: '/nowhere' });
    assert.equal(source.location, systemFolder);
    const train = await source.load('train');
    const test = await source.load('test');
    assert.deepEqual(
      [train.labels.length, test.labels.length, train.height, train.width],
      [60_000, 10_000, 28, 28],
    );
    const counts = train.classNames.map((_, label) => train.labels.filter((each) => each === label).length);
    assert.deepEqual(counts, new Array(10).fill(6000));
    const measured = measuredNormalization(train);
    const known = normalizationOf('fashion-mnist', train);
    // The table has seven digits.
    assert.ok(Math.abs(measured.mean[0]! - known.mean[0]!) < 1e-7);
    assert.ok(Math.abs(measured.std[0]! - known.std[0]!) < 1e-7);
  });

test('imageSize 32 puts square images in the middle of black ones; other sizes change nothing', async (t) => {
  const dataFolder = scratchFolder(t);
  const folder = join(dataFolder, 'mnist');
  mkdirSync(folder);
  const values = Array.from({ length: 2 * 28 * 28 }, (_, at) => 1 + (at % 255));
  for (const prefix of ['train', 't10k']) {
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), idx([2, 28, 28], values));
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), idx([2], [0, 1]));
  }
  const load = (imageSize?: number) => mnist.open({ dataFolder, imageSize }).load('train');
  const plain = await load();
  const padded = await load(32);
  assert.deepEqual([padded.height, padded.width, padded.images.length], [32, 32, 2 * 32 * 32]);
  for (const [image, y, x] of [
    [0, 0, 0],
    [0, 13, 27],
    [1, 27, 5],
  ] as const)
    assert.equal(padded.images[(image * 32 + y + 2) * 32 + x + 2], plain.images[(image * 28 + y) * 28 + x]);
  const inside = new Set(Array.from({ length: 28 }, (_, i) => i + 2));
  const border = padded.images.filter(
    (_, at) => !inside.has(at % 32) || !inside.has(Math.floor(at / 32) % 32),
  );
  assert.ok(border.length === 2 * (32 * 32 - 28 * 28) && border.every((value) => value === 0));
  assert.deepEqual((await load(64)).images, plain.images);
});
