import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { dataFolder, imageCacheFolder } from '../../src/data/data-folder.ts';
import type { ImageSet } from '../../src/data/image-set.ts';
import { measuredNormalization } from '../../src/data/normalization.ts';
import { selectClasses } from '../../src/data/selection.ts';
import { cifar100 } from '../../src/data/sets/cifar-100.ts';
import { readSplit } from '../../src/data/splits.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { cifar100Names } from './cifar100-names.ts';
import { scratchFolder } from './scratch.ts';
import { writeCifar100 } from './small-sets.ts';

const dataConfig = (data: Record<string, unknown>) => runConfigSchema.parse({ data }).data;
const load = (data: Record<string, unknown>, folder = '/nowhere') =>
  loadStudyData(dataConfig(data), { dataFolder: folder });

test('glyphs by default: 24 source classes, 6 for validation, 10 as target, no data folder needed', async () => {
  const study = await load({ perClass: 50 });
  assert.deepEqual([study.name, study.split], ['glyphs', 'glyphs']);
  const counts = (set: ImageSet | null) => [set!.classNames.length, set!.labels.length];
  assert.deepEqual(counts(study.sourceTrain), [24, 24 * 50]);
  assert.deepEqual(counts(study.sourceTest), [24, 24 * 40]);
  assert.deepEqual(counts(study.validation), [6, 6 * 160]);
  assert.deepEqual(counts(study.target), [10, 10 * 160]);
  assert.deepEqual(study.sourceTest.classNames, study.sourceTrain.classNames);
  assert.deepEqual(study.normalization, measuredNormalization(study.sourceTrain));
});

test('CIFAR-100 is CIFAR-FS by default; held-out classes have the images of both parts', async (t) => {
  const folder = scratchFolder(t);
  writeCifar100(folder, cifar100Names);
  const study = await load({ name: 'cifar-100', perClass: 2 }, folder);
  const split = readSplit('cifar-fs', cifar100Names, 'cifar-100');
  assert.equal(study.split, 'cifar-fs');
  assert.deepEqual(study.sourceTrain.classNames, split.source);
  assert.equal(study.sourceTrain.labels.length, 64 * 2);
  assert.equal(study.sourceTest.labels.length, 64);
  assert.equal(study.validation!.labels.length, 16 * 4);
  const source = cifar100.open({ dataFolder: folder });
  const [train, test] = [await source.load('train'), await source.load('test')];
  const target = [train, test].map((part) => selectClasses(part, split.target));
  assert.deepEqual(study.target!.images, Uint8Array.from([...target[0]!.images, ...target[1]!.images]));
  assert.deepEqual(study.target!.labels, Int32Array.from([...target[0]!.labels, ...target[1]!.labels]));
  assert.deepEqual(study.normalization.mean, [0.5070752, 0.4865489, 0.4409178]);
});

test('split none has all classes in the source and nothing held out', async (t) => {
  const folder = scratchFolder(t);
  writeCifar100(folder);
  const study = await load({ name: 'cifar-100', split: 'none' }, folder);
  assert.deepEqual([study.sourceTrain.labels.length, study.validation, study.target], [300, null, null]);
});

test('the checksum is SHA-256 over shapes, images and labels, and changes with any of them', async () => {
  const study = await load({ perClass: 3 });
  const hash = createHash('sha256');
  for (const set of [study.sourceTrain, study.sourceTest, study.validation!, study.target!]) {
    hash.update(`${set.labels.length},${set.height},${set.width},${set.channels};`);
    hash.update(set.images);
    const labels = Buffer.alloc(set.labels.length * 4);
    set.labels.forEach((label, i) => {
      labels.writeInt32LE(label, 4 * i);
    });
    hash.update(labels);
  }
  assert.equal(study.checksum, hash.digest('hex'));
  assert.equal((await load({ perClass: 3 })).checksum, study.checksum);
  assert.notEqual((await load({ perClass: 4 })).checksum, study.checksum);
});

test('an own .npz: grey images become colour on request, the parts are drawn', async (t) => {
  const path = join(scratchFolder(t), 'own.npz');
  const values = Uint8Array.from({ length: 24 * 4 }, (_, at) => at);
  const labels = Uint8Array.from({ length: 24 }, (_, i) => i % 2);
  writeNpz(path, { images: { shape: [24, 2, 2, 1], values }, labels: { shape: [24], values: labels } });
  const grey = await load({ name: path });
  assert.deepEqual([grey.split, grey.sourceTrain.channels, grey.sourceTrain.labels.length], ['none', 1, 20]);
  const colour = await load({ name: path, channels: 3 });
  assert.deepEqual([colour.sourceTrain.channels, colour.normalization.mean.length], [3, 3]);
});

test('an own split of the classes of a data set', async (t) => {
  const path = join(scratchFolder(t), 'own.yaml');
  writeFileSync(path, 'source: [glyph-03, glyph-01]\ntarget: [glyph-00]\n');
  const study = await load({ split: path });
  assert.deepEqual(study.sourceTrain.classNames, ['glyph-03', 'glyph-01']);
  assert.deepEqual([study.validation, study.target!.labels.length], [null, 160]);
});

test('wrong data settings are refused in one line', async (t) => {
  const folder = scratchFolder(t);
  writeCifar100(folder);
  const refuses = (data: Record<string, unknown>, message: RegExp) =>
    assert.rejects(load(data, folder), (error: Error) => {
      assert.ok(error instanceof InputError && !error.message.includes('\n'));
      assert.match(error.message, message);
      return true;
    });
  await refuses(
    { name: 'cifar100' },
    /unknown data set cifar100; did you mean cifar-100\? Allowed are glyphs, cifar-10/,
  );
  await refuses(
    { name: 'cifar-100' },
    /split cifar-fs: source names the class apple, which cifar-100 lacks; allowed are .* \(100 in all\)$/,
  );
  await refuses(
    { name: 'cifar-100', split: 'none', imageSize: 64 },
    /imageSize is 64, but cifar-100 has images of 32x32/,
  );
  await refuses(
    { name: 'cifar-100', split: 'none', perClass: 4 },
    /perClass is 4, but class class_0 of cifar-100.train has 3/,
  );
  await refuses({ name: 'fashion-mnist', split: 'cifar-fs' }, /fashion-mnist|lacks/);
  mkdirSync(join(folder, 'images'));
  await refuses({ name: join(folder, 'images') }, /give the pixels per side/);
});

test('data and cache folders come from the environment', () => {
  assert.equal(dataFolder({ GCNC_DATA_DIR: '/d', XDG_DATA_HOME: '/x' }), '/d');
  assert.equal(dataFolder({ XDG_DATA_HOME: '/x' }), '/x/gcnc');
  assert.match(dataFolder({ GCNC_DATA_DIR: '' }), /\.local\/share\/gcnc$/);
  assert.equal(imageCacheFolder({ XDG_CACHE_HOME: '/c' }), '/c/gcnc/images');
});

test('one source class, and classes of one image each, are refused: nothing could be learnt, or nothing tested', async (t) => {
  const file = (name: string, labels: readonly number[]): string => {
    const path = join(scratchFolder(t), name);
    writeNpz(path, {
      images: { shape: [labels.length, 2, 2, 3], values: new Uint8Array(labels.length * 12).fill(200) },
      labels: { shape: [labels.length], values: Int32Array.from(labels) },
    });
    return path;
  };
  const [one, single] = [file('one.npz', [0, 0, 0, 0]), file('single.npz', [0, 1, 2])];
  await assert.rejects(
    load({ name: one }),
    new InputError(`data.name: ${one} has one source class (0); a classifier needs two or more`),
  );
  await assert.rejects(
    load({ name: single }),
    new InputError(
      `data.name: ${single} has no test images: no source class has two images, of which one could be held out`,
    ),
  );
});
