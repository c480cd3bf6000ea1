import assert from 'node:assert/strict';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Decoded } from '../../src/data/decode-image.ts';
import { imageFolderSource } from '../../src/data/image-folder.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

/** Stands for the decoder: a "JPEG" is the letters JPEG and one byte, its colour. */
function decoder() {
  let calls = 0;
  return {
    calls: () => calls,
    decode: async (bytes: Uint8Array): Promise<Decoded> => {
      calls += 1;
      if (new TextDecoder().decode(bytes.subarray(0, 4)) !== 'JPEG')
        throw new Error('Unknown image file format.\nmore');
      const pixels = new Uint8Array(3).fill(bytes[4]!);
      return { width: 1, height: 1, pixels, isDeepGrey: false };
    },
  };
}

const image = (colour: number): Uint8Array => Uint8Array.from([...Buffer.from('JPEG'), colour]);

function write(folder: string, files: Readonly<Record<string, number>>): void {
  for (const [name, colour] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), image(colour));
  }
}

test('class folders become classes, in the order of their names', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'dog/b.jpg': 3, 'dog/a.JPEG': 2, 'cat/z.png': 1, '.hidden/x.jpg': 9 });
  const { decode } = decoder();
  const set = await imageFolderSource(folder, { dataFolder: '', imageSize: 2, decode }).load('whole');
  assert.deepEqual(set.classNames, ['cat', 'dog']);
  assert.deepEqual([...set.labels], [0, 1, 1]);
  assert.deepEqual(
    [...set.images],
    [...new Array(12).fill(1), ...new Array(12).fill(2), ...new Array(12).fill(3)],
  );
});

test('train/ and test/ (or val/) are parts where they are there', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'train/a/1.jpg': 1, 'train/a/2.jpg': 2, 'val/a/3.jpg': 3 });
  const source = imageFolderSource(folder, { dataFolder: '', imageSize: 1, decode: decoder().decode });
  assert.deepEqual([...(await source.load('train')).images], [1, 1, 1, 2, 2, 2]);
  assert.deepEqual([...(await source.load('test')).images], [3, 3, 3]);
  assert.deepEqual([...(await source.load('whole')).images], [1, 1, 1, 2, 2, 2, 3, 3, 3]);
});

test('val/ beside test/ is not read, and said not to be', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'train/a/1.jpg': 1, 'test/a/2.jpg': 2, 'val/a/3.jpg': 3 });
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  const source = imageFolderSource(folder, { dataFolder: '', imageSize: 1, decode: decoder().decode });
  assert.deepEqual([...(await source.load('test')).images], [2, 2, 2]);
  assert.match(String(warned.mock.calls[0]!.arguments[0]), /val\/ is not read, since there is .*test\/;/);
});

test('decoded images are kept until a file, its time or the size changes, and a damaged cache is made anew', async (t) => {
  const folder = scratchFolder(t);
  const cacheFolder = scratchFolder(t);
  write(folder, { 'a/1.jpg': 1, 'b/2.jpg': 2 });
  const { decode, calls } = decoder();
  const load = (imageSize: number) =>
    imageFolderSource(folder, { dataFolder: '', imageSize, decode, cacheFolder }).load('whole');
  const first = await load(2);
  assert.deepEqual([await load(2), calls()], [first, 2]);
  await load(3);
  assert.equal(calls(), 4);
  writeFileSync(join(folder, 'a/1.jpg'), image(7));
  utimesSync(join(folder, 'a/1.jpg'), 1000, 1000);
  assert.deepEqual([(await load(2)).images[0], calls()], [7, 6]);
  for (const name of readdirSync(cacheFolder)) {
    const path = join(cacheFolder, name);
    writeFileSync(path, readFileSync(path).subarray(0, 50));
  }
  assert.deepEqual([(await load(2)).images[0], calls()], [7, 8]);
});

test('a link that is moved to other files of the same names, sizes and times is another folder', async (t) => {
  const root = scratchFolder(t);
  const cacheFolder = scratchFolder(t);
  const { decode } = decoder();
  const link = join(root, 'current');
  for (const [version, colour] of [
    ['v1', 1],
    ['v2', 2],
  ] as const) {
    write(join(root, version), { 'a/1.jpg': colour });
    utimesSync(join(root, version, 'a/1.jpg'), 1000, 1000);
  }
  const load = async (version: string) => {
    rmSync(link, { force: true });
    symlinkSync(join(root, version), link);
    return imageFolderSource(link, { dataFolder: '', imageSize: 1, decode, cacheFolder }).load('whole');
  };
  assert.equal((await load('v1')).images[0], 1);
  assert.equal((await load('v2')).images[0], 2);
});

test('data.resize below data.imageSize is refused', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'a/1.jpg': 1 });
  await assert.rejects(
    imageFolderSource(folder, { dataFolder: '', imageSize: 8, resize: 6, decode: decoder().decode }).load(
      'whole',
    ),
    /data.resize is 6, less than data.imageSize, 8/,
  );
});

test('what is no image, or leads out of the folder, is refused in one line', async (t) => {
  const outside = scratchFolder(t);
  write(outside, { 'secret/x.jpg': 1 });
  const refuses = async (
    prepare: (folder: string) => void,
    message: RegExp,
    imageSize: number | undefined = 2,
  ) => {
    const folder = scratchFolder(t);
    prepare(folder);
    const source = imageFolderSource(folder, { dataFolder: '', imageSize, decode: decoder().decode });
    await assert.rejects(source.load('train'), (error: Error) => {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), error.message);
      assert.match(error.message, message);
      return true;
    });
  };
  await refuses(() => {}, /expected folders of images, one per class, found none$/);
  await refuses((folder) => mkdirSync(join(folder, 'a')), /a: expected images, found none$/);
  await refuses(
    (folder) => write(folder, { 'a/notes.txt': 1 }),
    /notes.txt: expected an image \(.jpg, .*found another file$/,
  );
  await refuses((folder) => {
    write(folder, { 'a/1.jpg': 1 });
    writeFileSync(join(folder, 'a/2.jpg'), 'plain text');
  }, /2.jpg: no image that is read: Unknown image file format.$/);
  await refuses((folder) => {
    write(folder, { 'a/1.jpg': 1 });
    symlinkSync(join(outside, 'secret/x.jpg'), join(folder, 'a/2.jpg'));
  }, /2.jpg: leads out of /);
  await refuses((folder) => symlinkSync(join(outside, 'secret'), join(folder, 'a')), /a: leads out of /);
  await refuses((folder) => {
    mkdirSync(join(folder, 'a'));
    symlinkSync(join(folder, 'gone.jpg'), join(folder, 'a/1.jpg'));
  }, /1.jpg: is a link to nowhere$/);
});

test('a folder of images needs a size', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'a/1.jpg': 1 });
  await assert.rejects(
    imageFolderSource(folder, { dataFolder: '', decode: decoder().decode }).load('train'),
    /data.imageSize: .* is a folder of images; give the pixels per side/,
  );
});

test('the warning of 16-bit grey comes each time, from kept images too', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'images/a/1.png': 1, 'images/b/1.png': 2 });
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  const { decode, calls } = decoder();
  const options = { dataFolder: '', imageSize: 1, cacheFolder: join(folder, 'cache') };
  const deep = async (bytes: Uint8Array) => ({ ...(await decode(bytes)), isDeepGrey: true });
  for (const count of [1, 2]) {
    await imageFolderSource(join(folder, 'images'), { ...options, decode: deep }).load('whole');
    assert.equal(calls(), 2);
    assert.equal(warned.mock.callCount(), count);
    assert.match(String(warned.mock.calls.at(-1)!.arguments[0]), /2 images are 16-bit grey/);
  }
});

test('images whose cache cannot be written are used all the same, with a warning', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'images/a/1.png': 7 });
  writeFileSync(join(folder, 'cache'), 'a file where a folder should be');
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  const options = { dataFolder: '', imageSize: 1, cacheFolder: join(folder, 'cache', 'images') };
  const source = imageFolderSource(join(folder, 'images'), { ...options, decode: decoder().decode });
  assert.deepEqual([...(await source.load('whole')).images], [7, 7, 7]);
  assert.equal(warned.mock.callCount(), 1);
  assert.match(
    String(warned.mock.calls[0]!.arguments[0]),
    /cache\/images\/\w+\.npz: decoded images cannot be kept \(E\w+\) and are decoded again each time/,
  );
});

test('images that lie flat in train/ are refused: train would be a class', async (t) => {
  const folder = scratchFolder(t);
  write(folder, { 'train/cat.0.png': 1, 'train/dog.0.png': 2, 'test1/1.png': 3 });
  const { decode } = decoder();
  await assert.rejects(
    imageFolderSource(folder, { dataFolder: '', imageSize: 2, decode }).load('train'),
    (error: Error) =>
      error instanceof InputError &&
      /: test1\/ would be a class; images lie in one folder per class/.test(error.message),
  );
});
