import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { contentsReader, pathsIn } from '../../src/pipeline/given-contents.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';

const pathsOf = (name: string) => pathsIn(runConfigSchema.parse({ data: { name } }));

test('a path that begins like the name of a data set is a path', () => {
  assert.deepEqual(pathsOf('mnist/train.parquet'), ['mnist/train.parquet']);
  assert.deepEqual(pathsOf('cifar-100/images'), ['cifar-100/images']);
  assert.deepEqual(pathsOf('cifar-100'), []);
});

/** A config in which each key that takes a path has this one. */
const everyKey = (path: string) =>
  ({
    'data.name': { data: { name: path } },
    'data.split': { data: { split: path } },
    'model.weights': { model: { weights: path } },
    'measure.targets': { measure: { targets: ['target', path] } },
    'fewshot.targets': { fewshot: { targets: [path] } },
  }) as const;

test('a path below a file, or of a name that is too long, holds nothing, as one that is not there', (context) => {
  const folder = scratchFolder({ 'mine.npz': 'x' }, context);
  for (const name of ['none.npz', 'mine.npz/test', 'a'.repeat(300), `${'a'.repeat(300)}.npz`])
    for (const config of Object.values(everyKey(join(folder, name))))
      assert.deepEqual(contentsReader(null)(runConfigSchema.parse(config)), {});
  for (const name of ['none.npz', 'mine.npz/test.parquet', `${'a'.repeat(300)}.npz`])
    assert.match(
      inputErrorOf(() => openDataSource(join(folder, name), { dataFolder: folder })),
      /^data.name: there is no file .*; allowed are glyphs, cifar-10, .*, a file.npz or file.parquet, or a folder of images or Parquet files$/,
    );
});

test('a path that is there and cannot be read is refused by its key', (context) => {
  const folder = scratchFolder({}, context);
  symlinkSync('loop.npz', join(folder, 'loop.npz'));
  mkdirSync(join(folder, 'images'));
  symlinkSync('1.png', join(folder, 'images/1.png'));
  for (const [path, within] of [
    ['loop.npz', 'loop.npz'],
    ['images', 'images/1.png'],
  ] as const)
    for (const [key, config] of Object.entries(everyKey(join(folder, path))))
      assert.equal(
        inputErrorOf(() => contentsReader(null)(runConfigSchema.parse(config))),
        `${key}: ${join(folder, within)}: cannot be read (ELOOP); give a path that can be read`,
      );
});
