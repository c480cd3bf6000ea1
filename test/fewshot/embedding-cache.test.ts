import assert from 'node:assert/strict';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type CacheKey, cachedEmbeddings, cachePath, fedSha256 } from '../../src/fewshot/embedding-cache.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { scratchFolder } from '../config/scratch.ts';

const key: CacheKey = {
  weights: 'aa',
  data: 'bb',
  split: 'target',
  precision: 'float32',
  layer: 'embedding',
};
const values = Float32Array.from({ length: 12 }, (_, i) => i / 7);

/** A checkpoint's folder, and how often embeddings were computed for it. */
const checkpoint = (context: TestContext) => {
  const folder = scratchFolder({}, context);
  const calls: CacheKey[] = [];
  const ask = (asked: CacheKey = key, examples = 4) =>
    cachedEmbeddings(folder, asked, examples, async () => {
      calls.push(asked);
      return { values, dimension: 12 / examples };
    });
  return { folder, calls, ask, path: cachePath(folder, key) };
};

test('embeddings are computed once and then read, bit by bit the same', async (context) => {
  const { ask, calls, path, folder } = checkpoint(context);
  assert.deepEqual(await ask(), { values, dimension: 3, outcome: 'written' });
  assert.deepEqual(await ask(), { values, dimension: 3, outcome: 'read' });
  assert.equal(calls.length, 1);
  assert.equal(dirname(path), join(folder, 'embeddings'));
  assert.deepEqual(readdirSync(dirname(path)).length, 1, 'no temporary file is left');
});

test('other weights, data, split, precision or layer are other embeddings', async (context) => {
  const { ask, calls, folder } = checkpoint(context);
  await ask();
  const others: readonly CacheKey[] = [
    { ...key, weights: 'ab' },
    { ...key, data: 'bc' },
    { ...key, split: 'validation' },
    { ...key, precision: 'bfloat16' },
    { ...key, layer: 'layer3' },
  ];
  for (const other of others) assert.equal((await ask(other)).outcome, 'written');
  assert.deepEqual(calls, [key, ...others]);
  assert.equal(readdirSync(join(folder, 'embeddings')).length, 6);
  assert.equal((await ask()).outcome, 'read');
});

test('a file damaged at any byte is replaced, or reads the same', async (context) => {
  const { ask, path } = checkpoint(context);
  await ask();
  const whole = readFileSync(path);
  let replaced = 0;
  for (let at = 0; at < whole.length; at += 5) {
    const damaged = Buffer.from(whole);
    damaged[at]! ^= 0x10;
    writeFileSync(path, damaged);
    const found = await ask();
    assert.deepEqual(found.values, values);
    assert.equal(found.dimension, 3);
    if (found.outcome === 'replaced') {
      replaced += 1;
      assert.deepEqual(readFileSync(path), whole);
    }
  }
  assert.ok(replaced > 50, `${replaced}`);
});

test('truncated and empty files are replaced', async (context) => {
  const { ask, path } = checkpoint(context);
  await ask();
  const whole = readFileSync(path);
  for (const length of [0, 1, 100, whole.length - 1]) {
    writeFileSync(path, whole.subarray(0, length));
    assert.equal((await ask()).outcome, 'replaced');
    assert.equal((await ask()).outcome, 'read');
  }
});

test("another key's file under this name, other sizes, and valid files of other values are replaced", async (context) => {
  const { ask, path, folder } = checkpoint(context);
  const other = { ...key, weights: 'cc' };
  await ask(other);
  copyFileSync(cachePath(folder, other), path);
  assert.equal((await ask()).outcome, 'replaced');
  assert.equal((await ask(key, 3)).outcome, 'replaced', 'number of examples');
  writeNpz(path, { embeddings: { shape: [4, 3], values } });
  assert.equal((await ask()).outcome, 'replaced', 'no key');
  writeNpz(path, {
    embeddings: { shape: [4, 3], values: values.map((value) => value + 1) },
    key: { shape: [1], values: [JSON.stringify(key)] },
    sha256: { shape: [1], values: ['0'.repeat(64)] },
  });
  assert.equal((await ask()).outcome, 'replaced', 'no sum of these values');
});

test('where nothing can be written the embeddings are given all the same', async (context) => {
  const folder = scratchFolder({ embeddings: 'a file in the place of the folder' }, context);
  const found = await cachedEmbeddings(folder, key, 4, async () => ({ values, dimension: 3 }));
  assert.deepEqual(found, { values, dimension: 3, outcome: 'not written' });
});

test('what the network is fed is images, shape and normalisation, not labels', () => {
  const set = {
    name: 'a',
    height: 2,
    width: 2,
    channels: 1,
    images: Uint8Array.of(1, 2, 3, 4),
    labels: Int32Array.of(0),
    classNames: ['x'],
  };
  const normalization = { mean: [0.5], std: [0.25] };
  const digest = fedSha256(set, normalization);
  assert.equal(fedSha256({ ...set, name: 'b', classNames: ['y'] }, normalization), digest);
  assert.notEqual(fedSha256({ ...set, images: Uint8Array.of(1, 2, 3, 5) }, normalization), digest);
  assert.notEqual(fedSha256({ ...set, height: 1, width: 4 }, normalization), digest);
  assert.notEqual(fedSha256(set, { mean: [0.5], std: [0.2] }), digest);
});
