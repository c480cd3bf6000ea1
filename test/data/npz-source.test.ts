import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { npzSource } from '../../src/data/npz-source.ts';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

test('NumPy images with int64 labels: classes are the labels that occur, by number', async () => {
  const set = await npzSource(fixture('images.npz')).load('whole');
  assert.deepEqual([set.height, set.width, set.channels], [4, 5, 3]);
  assert.deepEqual(set.classNames, ['3', '7', '9']);
  assert.deepEqual([...set.labels], [1, 1, 1, 1, 0, 0, 0, 0, 2, 2, 2, 2]);
  assert.deepEqual(set.images, readNpz(fixture('images.npz')).get('images')!.values);
});

test('float32 images in [0,1] with names are the same bytes', async () => {
  const named = await npzSource(fixture('images_named.npz')).load('whole');
  assert.deepEqual(named.images, (await npzSource(fixture('images.npz')).load('whole')).images);
  assert.deepEqual(named.classNames, ['cat', 'dog', 'eel']);
});

test('train and test parts are drawn, and together are the whole', async () => {
  const source = npzSource(fixture('images.npz'));
  const [train, test] = [await source.load('train'), await source.load('test')];
  assert.deepEqual([train.labels.length, test.labels.length], [9, 3]);
  assert.deepEqual([...test.labels].sort(), [0, 1, 2]);
});

test('what does not fit is refused in one line', async (t) => {
  const path = join(scratchFolder(t), 'x.npz');
  const images = { shape: [2, 1, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) };
  const labels = { shape: [2], values: Int32Array.of(0, 1) };
  const refuses = async (arrays: Parameters<typeof writeNpz>[1], message: RegExp) => {
    writeNpz(path, arrays);
    await assert.rejects(npzSource(path).load('train'), (error: Error) => {
      assert.ok(error instanceof InputError && !error.message.includes('\n'));
      assert.match(error.message, message);
      return true;
    });
  };
  await refuses({ images }, /expected the arrays images and labels, found images$/);
  await refuses(
    { images: { ...images, shape: [2, 3] }, labels },
    /images: expected \[N, H, W, 1 or 3\], found \[2, 3\]$/,
  );
  await refuses({ images: { ...images, shape: [1, 1, 3, 2] }, labels }, /found \[1, 1, 3, 2\]$/);
  await refuses(
    { images, labels: { shape: [1], values: Int32Array.of(0) } },
    /labels: expected \[2\], one per image, found \[1\]$/,
  );
  await refuses(
    { images, labels: { shape: [2], values: Float32Array.of(0, 1) } },
    /labels: expected integers, found floats$/,
  );
  await refuses({ images, labels: { shape: [2], values: Int32Array.of(0, -1) } }, /found -1 at 1$/);
  await refuses(
    { images, labels, class_names: { shape: [1], values: ['a'] } },
    /labels: expected numbers below 1, .* found 1 at 1$/,
  );
  await refuses(
    { images, labels, class_names: { shape: [2], values: ['a', 'a'] } },
    /class_names: the class name a is given twice$/,
  );
  await refuses(
    { images, labels, class_names: { shape: [2], values: ['\u00e9', 'e\u0301'] } },
    /class_names: the class name \u00e9 is given twice$/,
  );
  const floats = { ...images, values: Float32Array.of(0, 0.5, 1, 1.5, 0, 0) };
  await refuses({ images: floats, labels }, /images: expected floats in \[0,1\], found 1.5 at 3$/);
});
