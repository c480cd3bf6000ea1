import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

const fixture = readNpz(join(import.meta.dirname, 'fixtures/parquet.npz'));
const bytesOf = (name: string): Uint8Array => fixture.get(name)!.values as Uint8Array;
const pixels = bytesOf('pixels');
const labels = Array.from(fixture.get('labels')!.values as BigInt64Array, Number);
const classNames = fixture.get('class_names')!.values as string[];
const names = [...fixture.keys()].filter((key) => key.startsWith('file/')).map((key) => key.slice(5));
const rowBytes = 6 * 5 * 3;

function write(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = scratchFolder(t);
  for (const [path, name] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytesOf(`file/${name}`));
  }
  return folder;
}

const whole = (name: string) => openDataSource(name, { dataFolder: '' }).load('whole');

const unzstd = 'zstdDecompressSync' in (await import('node:zlib'));

for (const name of names.filter((each) => !/^(odd|shard|apart)/.test(each)))
  test(`${name}.parquet holds the images and labels that the library wrote, to the last bit`, async (t) => {
    const path = join(write(t, { 'x.parquet': name }), 'x.parquet');
    if (name.includes('zstd') && !unzstd)
      return assert.rejects(whole(path), /ZSTD, which needs Node 22.15 or later/);
    const set = await whole(path);
    assert.deepEqual([set.height, set.width, set.channels], [6, 5, 3]);
    assert.deepEqual(set.images, pixels);
    // Without names in the metadata a class is called by its label; texts are in code-unit order.
    const called = labels.map((label) => (name.startsWith('polars') ? String(label) : classNames[label]));
    assert.deepEqual(
      Array.from(set.labels, (label) => set.classNames[label]),
      called,
    );
    if (!name.startsWith('polars') && !name.endsWith('text')) assert.deepEqual(set.classNames, classNames);
  });

test('shards are read in the order of their numbers, and one that is missing is refused', async (t) => {
  const two = {
    'data/train-00000-of-00002.parquet': 'shard-0',
    'data/train-00001-of-00002.parquet': 'shard-1',
  };
  const folder = write(t, { ...two, 'data/test-00000-of-00001.parquet': 'datasets' });
  const source = openDataSource(folder, { dataFolder: '' });
  assert.deepEqual((await source.load('train')).images, pixels);
  assert.deepEqual((await source.load('test')).images, pixels);
  assert.equal((await source.load('whole')).labels.length, 2 * labels.length);
  const missing = write(t, { 'train-00000-of-00002.parquet': 'shard-0', 'test.parquet': 'datasets' });
  await assert.rejects(whole(missing), /file 1 of 2 is missing/);
  const numbered = write(t, { 'train/0000.parquet': 'shard-0', 'train/0002.parquet': 'shard-1' });
  await assert.rejects(whole(numbered), /file 1 before it is missing/);
  const mixed = write(t, {
    'train-00000-of-00002.parquet': 'shard-0',
    'train-00001-of-00003.parquet': 'shard-1',
  });
  await assert.rejects(whole(mixed), /belongs to another set of files/);
  const other = write(t, {
    'train-00000-of-00002.parquet': 'shard-0',
    'train-00001-of-00002.parquet': 'odd/other-names',
  });
  await assert.rejects(whole(other), /its metadata name other classes than those of/);
  const copied = write(t, { 'train.parquet': 'shard-0', 'data/train.parquet': 'shard-0' });
  await assert.rejects(whole(copied), /train\.parquet and .*data.train\.parquet: one part in two folders/);
  const none = write(t, { 'train.parquet': 'shard-0', 'mine.parquet': 'shard-1' });
  await assert.rejects(whole(none), /mine.parquet: belongs to no part/);
});

const study = (name: string, data: object = {}) =>
  loadStudyData(runConfigSchema.parse({ data: { name, ...data } }).data, { dataFolder: '' });

test('parts whose labels have no class in common are source, validation and target, by their names in the metadata', async (t) => {
  const parts = ['train', 'validation', 'test'];
  const files = Object.fromEntries(parts.map((part) => [`${part}.parquet`, `apart-${part}`]));
  const found = await study(write(t, files));
  assert.deepEqual(found.sourceTrain.classNames, ['bee', 'ant']);
  assert.deepEqual([found.validation?.classNames, found.target?.classNames], [['café'], ['010']]);
  const target = labels.flatMap((label, row) =>
    label === 3 ? [...pixels.subarray(row * rowBytes, (row + 1) * rowBytes)] : [],
  );
  assert.deepEqual([...found.target!.images].toSorted(), target.toSorted());
});

test('images are resized where data.imageSize says so, as those of folders are', async (t) => {
  const path = join(write(t, { 'x.parquet': 'odd/mixed-sizes' }), 'x.parquet');
  const set = await openDataSource(path, { dataFolder: '', imageSize: 3 }).load('whole');
  assert.deepEqual([set.height, set.width, set.labels.length], [3, 3, labels.length]);
  await assert.rejects(study(path, { resize: 4 }), /data.resize needs data.imageSize/);
});

test('images are turned upright by EXIF, as datasets does', async (t) => {
  const set = await whole(join(write(t, { 'x.parquet': 'odd/oriented' }), 'x.parquet'));
  assert.deepEqual(set.images, bytesOf('upright'));
});

test('a part whose labels are numbers only is not taken for other classes than those that another part names', async (t) => {
  const folder = write(t, { 'train.parquet': 'datasets', 'test.parquet': 'odd/no-names' });
  await assert.rejects(
    whole(folder),
    /test.parquet: its labels have no names, and those of .*train.parquet have/,
  );
  const other = write(t, { 'train.parquet': 'datasets', 'test.parquet': 'datasets-img-fine_label' });
  await assert.rejects(
    whole(other),
    /test.parquet: its image column is img.bytes, and image.bytes in .*train.parquet/,
  );
});

test('parts that name the same classes in another order are matched by name', async (t) => {
  const folder = write(t, { 'train.parquet': 'shard-0', 'test.parquet': 'odd/other-names' });
  const source = openDataSource(folder, { dataFolder: '' });
  const found = await source.load('test');
  assert.deepEqual(found.classNames, classNames);
  // The file says by its numbers what its metadata call in reverse.
  assert.deepEqual(
    Array.from(found.labels),
    labels.slice(11).map((label) => 3 - label),
  );
  assert.deepEqual((await source.load('whole')).images, pixels);
});

const refused: Readonly<Record<string, RegExp>> = {
  lz4: /compressed by LZ4_RAW; write it with snappy, gzip, brotli/,
  delta: /in the encoding DELTA_BINARY_PACKED; write it plain or with a dictionary/,
  negative: /label of row 7: is -1, which stands for no label/,
  'out-of-range': /label of row 9: is 4, but the metadata name 4 classes, 0 to 3/,
  'null-label': /label of row 3: is null; every image needs a label/,
  'null-image': /image.bytes of row 5: is null; images stand in the file itself/,
  'null-plain-image': /image of row 5: is null/,
  'no-image': /image.bytes of row 4: no image that is read: /,
  'mixed-sizes':
    /image.bytes of row 6: no image that is read: 4x4, and the first is 6x5; give data.imageSize/,
  'float-label': /label: expected whole numbers or texts, found DOUBLE values/,
  lists: /has no image column; expected one of image.bytes, image, img.bytes, img, found image.list.element/,
  'no-label': /has no label column; expected one of label, fine_label, labels, found image, caption/,
  'no-image-column': /has no image column; .* found pixels, label/,
  'two-labels': /label or fine_label\? Only one label column can be read/,
  'two-images': /image or img\? Only one image column can be read/,
  'no-rows': /has no rows/,
  'name-twice': /label: the class name a is given twice/,
  'not-json': /its metadata under huggingface are not what datasets writes/,
};
for (const [name, message] of Object.entries(refused))
  test(`odd/${name}.parquet is refused in one line`, async (t) => {
    const path = join(write(t, { 'x.parquet': `odd/${name}` }), 'x.parquet');
    await assert.rejects(whole(path), (error: Error) => {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), String(error.stack));
      assert.match(error.message, message);
      assert.ok(error.message.startsWith(path));
      return true;
    });
  });

test('every odd file of the fixture is tried', () => {
  const odd = names.filter((name) => name.startsWith('odd/')).map((name) => name.slice(4));
  assert.deepEqual(
    odd.toSorted(),
    [...Object.keys(refused), 'other-names', 'no-names', 'oriented'].toSorted(),
  );
});
