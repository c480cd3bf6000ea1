import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import sharp from 'sharp';
import { runConfigSchema } from '../../src/config/schema.ts';
import { fitImages } from '../../src/data/fit-images.ts';
import { concatenate } from '../../src/data/selection.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { loadTargets } from '../../src/data/targets.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { cifar100Names } from './cifar100-names.ts';
import { numberedSet, writeCifar100 } from './small-sets.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-targets-'));
after(() => rmSync(root, { recursive: true }));
writeCifar100(root, cifar100Names);

/** Idx files of 20 training and 10 test images of 28x28, byte p of image r (r + p) mod 256. */
const writeMnist = (): void => {
  const folder = join(root, 'mnist');
  mkdirSync(folder);
  for (const [part, count] of [
    ['train', 20],
    ['t10k', 10],
  ] as const) {
    const head = Buffer.from([0, 0, 8, 3, 0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28]);
    const pixels = Uint8Array.from({ length: count * 784 }, (_, i) => (Math.floor(i / 784) + i) % 256);
    writeFileSync(join(folder, `${part}-images-idx3-ubyte`), Buffer.concat([head, pixels]));
    const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      Buffer.concat([Buffer.from([0, 0, 8, 1, 0, 0, 0, count]), labels]),
    );
  }
};
writeMnist();

const own = join(root, 'own.npz');
const npz = (path: string, { images, labels, classNames, ...shape }: ReturnType<typeof numberedSet>): void =>
  writeNpz(path, {
    images: { shape: [labels.length, shape.height, shape.width, shape.channels], values: images },
    labels: { shape: [labels.length], values: labels },
    class_names: { shape: [classNames.length], values: classNames },
  });
npz(own, numberedSet(24, ['a', 'b', 'c'], { height: 32, width: 32 }));

const options = { dataFolder: root };
const { data } = runConfigSchema.parse({ data: { name: own, augmentation: 'none' } });
const study = await loadStudyData(data, options);
const targetOf = async (name: string, shape: readonly number[] = [32, 32, 3]) =>
  (await loadTargets('measure.targets', [name], study, data, shape, options)).get(name)!;

describe('a target by its name', () => {
  it('a data set is all of its images, a part of it those of the part', async () => {
    const source = openDataSource('mnist', { ...options, imageSize: 32 });
    for (const [name, part, count] of [
      ['mnist', 'whole', 30],
      ['mnist/train', 'train', 20],
      ['mnist/test', 'test', 10],
    ] as const) {
      const target = await targetOf(name);
      assert.deepEqual([target.name, target.labels.length], [name, count]);
      const { images } = await source.load(part);
      assert.ok(target.images.every((byte, at) => byte === images[Math.floor(at / 3)]));
      // The black border of data.imageSize 32.
      assert.ok(target.images.subarray(0, 32 * 3 * 2).every((byte) => byte === 0));
    }
  });

  it('the held-out classes of another data set are those of its own split', async () => {
    const other = await loadStudyData({ ...data, name: 'cifar-100' }, options);
    for (const part of ['target', 'validation'] as const) {
      const target = await targetOf(`cifar-100/${part}`);
      assert.deepEqual(target.classNames, other[part]!.classNames);
      assert.deepEqual(target.images, other[part]!.images);
      assert.deepEqual(target.labels, other[part]!.labels);
    }
  });

  it('glyphs are drawn at the network’s size, so that glyphs/target is target', async () => {
    const data = runConfigSchema.parse({ data: { imageSize: 48 } }).data;
    const study = await loadStudyData(data, options);
    const targets = await loadTargets('k', ['target', 'glyphs/target'], study, data, [48, 48, 3], options);
    assert.deepEqual(targets.get('glyphs/target')!.images, targets.get('target')!.images);
  });

  it('a folder is decoded at the network’s size, 16-bit grey by its upper byte with a warning', async (t) => {
    const folder = join(root, 'flowers');
    const grey = Uint16Array.from({ length: 40 * 40 }, (_, i) => 257 * (i % 200));
    for (const name of ['iris', 'rose']) {
      mkdirSync(join(folder, name), { recursive: true });
      await sharp(grey, { raw: { width: 40, height: 40, channels: 1 } })
        .toColourspace('grey16')
        .png()
        .toFile(join(folder, name, 'deep.png'));
    }
    const warned = t.mock.method(diagnostics, 'warn', () => {});
    const target = await targetOf(folder);
    const source = openDataSource(folder, { ...options, imageSize: 32 });
    assert.deepEqual(target.images, (await source.load('whole')).images);
    assert.deepEqual([target.height, target.width, target.classNames.join()], [32, 32, 'iris,rose']);
    assert.match(
      String(warned.mock.calls[0]!.arguments[0]),
      /2 images are 16-bit grey; their upper byte is taken/,
    );
    const listed = await loadTargets('measure.targets', [folder], study, data, [32, 32, 3], {
      ...options,
      listOnly: true,
    });
    assert.equal(listed.get(folder)!.labels.length, 2);
  });

  it('a class without images is refused in one line', async () => {
    const path = join(root, 'empty.npz');
    npz(path, { ...numberedSet(24, ['x', 'y'], { height: 32, width: 32 }), classNames: ['x', 'y', 'z'] });
    await assert.rejects(
      targetOf(path),
      /^InputError: measure.targets: .*empty.npz: class z has no images; leave its name out$/,
    );
  });

  it('images that are training images are told of, also within one file', async (t) => {
    const warned = t.mock.method(diagnostics, 'warn', () => {});
    const path = join(root, 'again.npz');
    npz(path, { ...study.sourceTrain, classNames: ['x', 'y', 'z'] });
    await targetOf(path);
    const count = study.sourceTrain.labels.length;
    const lines = () => warned.mock.calls.map(({ arguments: [line] }) => String(line));
    assert.match(lines()[0]!, new RegExp(`again.npz: ${count} of ${count} images are byte for byte among`));

    const twice = join(root, 'twice.npz');
    const one = numberedSet(24, ['a', 'b', 'c'], { height: 32, width: 32 });
    npz(twice, concatenate(one, one, 'twice'));
    await loadStudyData({ ...data, name: twice }, options);
    assert.match(lines().at(-1)!, /twice.npz, test: \d+ of 9 images are byte for byte among/);
  });

  it('classes without names are told of beside named ones: they may be the same', async (t) => {
    const warned = t.mock.method(diagnostics, 'warn', () => {});
    const path = join(root, 'numbered.npz');
    const { images, labels } = numberedSet(24, ['x', 'y'], { height: 32, width: 32 });
    writeNpz(path, {
      images: { shape: [24, 32, 32, 3], values: images },
      labels: { shape: [24], values: labels },
    });
    await targetOf(path);
    assert.match(
      String(warned.mock.calls[0]!.arguments[0]),
      /numbered.npz: its classes have numbers and no names; where they are the same, this is no transfer/,
    );
  });

  it('classes that are called like the source’s are named in a warning', async (t) => {
    const warned = t.mock.method(diagnostics, 'warn', () => {});
    const path = join(root, 'alike.npz');
    npz(path, numberedSet(24, ['b', 'x', 'c'], { height: 32, width: 32 }));
    await targetOf(path);
    assert.match(
      String(warned.mock.calls[0]!.arguments[0]),
      /alike.npz: its classes b, c are called like classes that the network is trained on/,
    );
  });
});

describe('images are fitted to the network', () => {
  it('another size: shorter side resized, middle cropped; grey stays grey for a grey network', () => {
    const grey = numberedSet(4, ['a', 'b'], { height: 6, width: 9, channels: 1 });
    const small = fitImages(grey, [3, 3, 1]);
    const colour = fitImages(grey, [3, 3, 3]);
    assert.deepEqual([small.height, small.width, small.channels, small.images.length], [3, 3, 1, 36]);
    assert.ok(colour.images.every((byte, at) => byte === small.images[Math.floor(at / 3)]));
    const flat = { ...grey, images: grey.images.map(() => 77) };
    assert.ok(fitImages(flat, [5, 5, 3]).images.every((byte) => byte === 77));
    assert.equal(fitImages(grey, [6, 9, 1]), grey);
  });

  it('what cannot be fitted is refused in one line', () => {
    const colour = numberedSet(4, ['a', 'b'], { height: 6, width: 6 });
    assert.throws(
      () => fitImages(colour, [6, 6, 1]),
      /numbered has colour images, and the network takes grey ones/,
    );
    assert.throws(
      () => fitImages(colour, [6, 8, 3]),
      /has images of 6x6, and the network takes 6x8; images are resized to squares only/,
    );
  });
});
