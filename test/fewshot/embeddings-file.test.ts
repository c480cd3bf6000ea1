import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { readEmbeddingsFile } from '../../src/fewshot/embeddings-file.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { inputErrorOf, scratchFolder } from '../config/scratch.ts';
import { writeHalfFile } from './half-file.ts';

type Arrays = Parameters<typeof writeNpz>[1];

const fileOf = (context: TestContext, arrays: Arrays): string => {
  const path = join(scratchFolder({}, context), 'embeddings.npz');
  writeNpz(path, arrays);
  return path;
};
const embeddings = { shape: [3, 2], values: Float32Array.of(1, 2, 3, 4, 5, 6) };
const labels = { shape: [3], values: BigInt64Array.of(7n, 2n, 7n) };

test('embeddings and labels are enough; labels are numbered in their order', (context) => {
  const found = readEmbeddingsFile(fileOf(context, { embeddings, labels }));
  assert.deepEqual(found, {
    embeddings: {
      values: embeddings.values,
      dimension: 2,
      labels: Int32Array.of(1, 0, 1),
      classNames: ['2', '7'],
      hasNumberedClasses: true,
    },
    hasNames: false,
    precision: 'float32',
    isTest: null,
    baseMean: null,
  });
});

test('class names, own test examples and a base mean may stand beside them; float64 stays float64', (context) => {
  const wide = { shape: [3, 2], values: Float64Array.of(0.1, 2, 3, 4, 5, 6) };
  const found = readEmbeddingsFile(
    fileOf(context, {
      embeddings: wide,
      labels: { shape: [3], values: Int32Array.of(1, 0, 1) },
      class_names: { shape: [2], values: ['ant', 'bee'] },
      is_test: { shape: [3], values: Uint8Array.of(0, 0, 1) },
      base_mean: { shape: [2], values: Float32Array.of(0.5, 1) },
    }),
  );
  assert.deepEqual(found.embeddings.values, wide.values);
  assert.deepEqual(found.embeddings.classNames, ['ant', 'bee']);
  assert.deepEqual(found.isTest, Uint8Array.of(0, 0, 1));
  assert.deepEqual(found.baseMean, Float64Array.of(0.5, 1));
});

test('the precision is that of the file, float16 too', (context) => {
  const path = join(scratchFolder({}, context), 'half.npz');
  writeHalfFile(path);
  const found = readEmbeddingsFile(path);
  assert.deepEqual(found.embeddings.values, new Float32Array(12).fill(1));
  assert.equal(found.precision, 'float16');
  const wide = { shape: [3, 2], values: Float64Array.of(1, 2, 3, 4, 5, 6) };
  assert.equal(readEmbeddingsFile(fileOf(context, { embeddings: wide, labels })).precision, 'float64');
});

const wrong: readonly (readonly [what: string, arrays: Arrays, says: RegExp])[] = [
  ['no labels', { embeddings }, /expected the arrays embeddings and labels, found embeddings$/],
  ['nothing known', { x: embeddings }, /found x$/],
  [
    'one axis',
    { embeddings: { shape: [6], values: embeddings.values }, labels },
    /expected \[N, d\], found \[6\]$/,
  ],
  ['no examples', { embeddings: { shape: [0, 2], values: new Float32Array(0) }, labels }, /found \[0, 2\]$/],
  [
    'whole numbers',
    { embeddings: { shape: [3, 2], values: new Int32Array(6) }, labels },
    /embeddings: expected floats, found another type$/,
  ],
  [
    'too few labels',
    { embeddings, labels: { shape: [2], values: Int32Array.of(0, 1) } },
    /labels: expected \[3\], one an embedding, found \[2\]$/,
  ],
  [
    'fractions as labels',
    { embeddings, labels: { shape: [3], values: Float32Array.of(0, 1, 2) } },
    /labels: expected integers, found floats$/,
  ],
  [
    'a label below 0',
    { embeddings, labels: { shape: [3], values: Int32Array.of(0, -1, 2) } },
    /labels: expected 0 to 2147483647, found -1 at 1$/,
  ],
  [
    'a label without name',
    {
      embeddings,
      labels: { shape: [3], values: Int32Array.of(0, 1, 2) },
      class_names: { shape: [2], values: ['a', 'b'] },
    },
    /found 2 at 2$/,
  ],
  [
    'a NaN',
    { embeddings: { shape: [3, 2], values: Float32Array.of(1, 2, 3, Number.NaN, 5, 6) }, labels },
    /embeddings.npz: embeddings: NaN at example 1, dimension 1; only finite numbers are allowed$/,
  ],
  [
    'flags that are none',
    { embeddings, labels, is_test: { shape: [3], values: Uint8Array.of(0, 1, 2) } },
    /is_test: expected booleans, or 0 and 1$/,
  ],
  [
    'a mean of another size',
    { embeddings, labels, base_mean: { shape: [3], values: new Float32Array(3) } },
    /base_mean: expected \[2\], the embeddings' dimension, found \[3\]$/,
  ],
  [
    'a mean that is infinite',
    {
      embeddings,
      labels,
      base_mean: { shape: [2], values: Float32Array.of(1, Number.POSITIVE_INFINITY) },
    },
    /base_mean: Infinity at dimension 1; only finite numbers are allowed$/,
  ],
];

for (const [what, arrays, says] of wrong)
  test(`${what}: refused in one line that names the file and the array`, (context) => {
    const message = inputErrorOf(() => readEmbeddingsFile(fileOf(context, arrays)));
    assert.match(message, says);
    assert.match(message, /^\/\S*embeddings\.npz: /);
    assert.ok(!message.includes('\n'));
  });

test('files that are no .npz, or are not there, are refused', (context) => {
  const path = join(scratchFolder({}, context), 'embeddings.npz');
  assert.match(
    inputErrorOf(() => readEmbeddingsFile(path)),
    /embeddings.npz: no such file$/,
  );
  writeFileSync(path, 'embeddings');
  assert.match(
    inputErrorOf(() => readEmbeddingsFile(path)),
    /embeddings\.npz/,
  );
});
