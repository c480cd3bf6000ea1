import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { listImageFolder } from '../../src/data/image-files.ts';
import { hasParquet, listParquet } from '../../src/data/parquet-files.ts';
import { inputErrorOf } from '../config/scratch.ts';
import { scratchFolder } from './scratch.ts';

const place = (folder: string, name: string): string => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  return join(folder, name);
};

function filesIn(t: TestContext, ...names: readonly string[]): string {
  const folder = scratchFolder(t);
  for (const name of names) writeFileSync(place(folder, name), '');
  return folder;
}

const refusalOf = (folder: string): string => inputErrorOf(() => listParquet(folder));

test('one file of several is refused, alone as beside other parts', (t) => {
  for (const beside of [[], ['test.parquet']])
    for (const alone of ['train-00000-of-00002.parquet', 'data/train-00001-of-00002.parquet'])
      assert.match(
        refusalOf(filesIn(t, alone, ...beside)),
        /train-0000\d-of-00002.parquet: file [01] of 2 is missing; fetch it, or give the files one by one$/,
      );
  assert.match(refusalOf(filesIn(t, 'train/0001.parquet')), /file 0 before it is missing/);
});

test('one file alone is the whole set, whatever it is called', (t) => {
  for (const name of ['mine.parquet', '2024.parquet', 'data/7.parquet', 'train-00000-of-00001.parquet']) {
    const folder = filesIn(t, name);
    assert.deepEqual(listParquet(folder), { train: [join(folder, name)], validation: [], test: [] });
  }
});

test('files of one part that are not numbered are refused by their names: their images may count twice', (t) => {
  for (const [first, second] of [
    ['train.parquet', 'train_small.parquet'],
    ['data/train.parquet', 'data/training.parquet'],
    ['train/0000.parquet', 'train/extra.parquet'],
  ] as const) {
    const folder = filesIn(t, first, second, 'test.parquet');
    const refused = refusalOf(folder);
    assert.ok(refused.startsWith(`${join(folder, first)} and ${join(folder, second)}: one part in files`));
    assert.match(refused, /keep one of them, or give the files one by one$/);
  }
  for (const names of [
    ['train/0000.parquet', 'train/0001.parquet'],
    ['train-1.parquet', 'train-2.parquet', 'train-10.parquet'],
  ])
    assert.equal(listParquet(filesIn(t, ...names)).train.length, names.length);
});

test('files of two revisions are refused', (t) => {
  const two = ['train-00000-of-00001-aaaa1111.parquet', 'train-00000-of-00001-bbbb2222.parquet'];
  const twice = refusalOf(filesIn(t, ...two));
  assert.match(twice, /-bbbb2222.parquet: file 0 of 1 is there twice; keep the files of one revision$/);
  const beyond = filesIn(t, 'train-00000-of-00001.parquet', 'train-00001-of-00001.parquet');
  assert.match(refusalOf(beyond), /00001-of-00001.parquet: belongs to another set of files/);
  // Each file of one revision may end in its own hash.
  const one = filesIn(t, 'train-00000-of-00002-aaaa1111.parquet', 'train-00001-of-00002-bbbb2222.parquet');
  assert.equal(listParquet(one).train.length, 2);
});

test("a snapshot in Hugging Face's cache is links to its blobs only, of Parquet files as of images", (t) => {
  const cache = scratchFolder(t);
  const snapshot = `snapshots/${'0123456789'.repeat(4)}`;
  const link = (path: string, blob: string): void => {
    writeFileSync(place(cache, `blobs/${blob}`), '');
    const from = place(cache, `${snapshot}/${path}`);
    symlinkSync(relative(dirname(from), join(cache, `blobs/${blob}`)), from);
  };
  link('data/train-00000-of-00001.parquet', 'a1');
  link('data/test-00000-of-00001.parquet', 'b2');
  link('images/cat/1.png', 'c3');
  const folder = join(cache, snapshot);
  assert.ok(hasParquet(folder));
  assert.deepEqual(listParquet(folder), {
    train: [join(folder, 'data/train-00000-of-00001.parquet')],
    validation: [],
    test: [join(folder, 'data/test-00000-of-00001.parquet')],
  });
  assert.deepEqual(listImageFolder(join(folder, 'images')).classNames, ['cat']);
  writeFileSync(join(cache, 'secret'), '');
  symlinkSync('../../secret', join(folder, 'validation.parquet'));
  assert.match(refusalOf(folder), /validation.parquet: leads out of /);
});

test('a link inside the folder is followed; one that leads out or nowhere is refused', (t) => {
  const outside = filesIn(t, 'secret.parquet', 'blobs/a.parquet');
  const folder = filesIn(t, 'files/a', 'train.parquet');
  symlinkSync('files/a', join(folder, 'test.parquet'));
  assert.deepEqual(listParquet(folder).test, [join(folder, 'test.parquet')]);
  for (const [target, message] of [
    [join(outside, 'secret.parquet'), /validation.parquet: leads out of /],
    [join(outside, 'blobs/a.parquet'), /validation.parquet: leads out of /],
    ['gone', /validation.parquet: is a link to nowhere$/],
    ['validation.parquet', /validation.parquet: is a link to nowhere$/],
  ] as const) {
    const given = filesIn(t, 'train.parquet');
    symlinkSync(target, join(given, 'validation.parquet'));
    assert.match(refusalOf(given), message);
  }
});
