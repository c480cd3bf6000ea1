import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { pathsIn } from '../../src/data/given-contents.ts';

const pathsOf = (name: string) => pathsIn(runConfigSchema.parse({ data: { name } }));

test('a path that begins like the name of a data set is a path', () => {
  assert.deepEqual(pathsOf('mnist/train.parquet'), ['mnist/train.parquet']);
  assert.deepEqual(pathsOf('cifar-100/images'), ['cifar-100/images']);
  assert.deepEqual(pathsOf('cifar-100'), []);
});
