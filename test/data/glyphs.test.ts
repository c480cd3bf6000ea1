import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { glyphClasses, glyphSource } from '../../src/data/glyphs.ts';
import { measuredNormalization } from '../../src/data/normalization.ts';

const source = glyphSource({ dataFolder: '/nowhere' });
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex');

test('glyphs are 40 balanced classes of 120 training and 40 test images, 32x32x3', async () => {
  for (const [part, each] of [
    ['train', 120],
    ['test', 40],
    ['whole', 160],
  ] as const) {
    const set = await source.load(part);
    assert.deepEqual([set.height, set.width, set.channels, set.classNames.length], [32, 32, 3, glyphClasses]);
    assert.equal(set.images.length, glyphClasses * each * 3072);
    for (let label = 0; label < glyphClasses; label++)
      assert.equal(set.labels.filter((other) => other === label).length, each);
  }
});

test('the drawn bytes are the same on every machine', async () => {
  assert.equal(md5((await source.load('test')).images), 'd9bfc5be29907d76972f7162c2ecbfcf');
  assert.equal(
    md5((await glyphSource({ dataFolder: '', imageSize: 16 }).load('test')).images),
    'ea10028a1fdab130c5885937602685bb',
  );
});

test('the whole is the training images, then the test images, all different', async () => {
  const [train, test, whole] = [
    await source.load('train'),
    await source.load('test'),
    await source.load('whole'),
  ];
  assert.deepEqual(whole.images.subarray(0, train.images.length), train.images);
  assert.deepEqual(whole.images.subarray(train.images.length), test.images);
  const images = Array.from(whole.labels, (_, i) => md5(whole.images.subarray(i * 3072, (i + 1) * 3072)));
  assert.equal(new Set(images).size, images.length);
});

test('no channel is dark or flat, and pixels alone do not give the class away', async () => {
  const train = await source.load('train');
  const { mean, std } = measuredNormalization(train);
  for (const value of mean) assert.ok(value > 0.4 && value < 0.6, `mean ${value}`);
  for (const value of std) assert.ok(value > 0.2 && value < 0.35, `std ${value}`);
  // Nearest class mean on raw pixels: colours are random, so it must stay near chance, 1 in 40.
  const means = train.classNames.map(() => new Float64Array(3072));
  train.labels.forEach((label, i) => {
    for (let k = 0; k < 3072; k++) means[label]![k]! += train.images[i * 3072 + k]! / 120;
  });
  const test = await source.load('test');
  const count = 400;
  let right = 0;
  for (let i = 0; i < count; i++) {
    const distances = means.map((center) =>
      center.reduce((sum, value, k) => sum + (value - test.images[i * 3072 + k]!) ** 2, 0),
    );
    if (distances.indexOf(Math.min(...distances)) === test.labels[i]) right += 1;
  }
  assert.ok(right / count < 0.15, `${right} of ${count}`);
});
