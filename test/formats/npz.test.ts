import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { type NpyArray, parseNpy } from '../../src/formats/npy.ts';
import { encodeNpy } from '../../src/formats/npy-encode.ts';
import { type NpzLimits, readNpz, writeNpz } from '../../src/formats/npz.ts';
import { InputError } from '../../src/input-error.ts';
import { randomStream } from '../../src/random/random.ts';
import { scratchFolder } from '../data/scratch.ts';

const fixture = (name: string) => fileURLToPath(new URL(`../data/fixtures/${name}`, import.meta.url));

interface Expected {
  readonly shape: readonly number[];
  readonly values: readonly (number | string)[];
}
const expected = JSON.parse(readFileSync(fixture('expected.json'), 'utf8')) as Record<string, Expected>;

const sameValue = (found: unknown, wanted: number | string): boolean =>
  typeof found === 'string'
    ? found === wanted
    : Number(found) === Number(wanted) && (typeof found !== 'bigint' || found === BigInt(wanted));

for (const file of ['stored.npz', 'deflated.npz'])
  test(`every array of NumPy's ${file} has NumPy's shape and values, in C order`, () => {
    const arrays = readNpz(fixture(file));
    assert.deepEqual([...arrays.keys()].sort(), Object.keys(expected).sort());
    for (const [name, { shape, values }] of Object.entries(expected)) {
      const array = arrays.get(name)!;
      assert.deepEqual(array.shape, shape, name);
      assert.equal(array.values.length, values.length, name);
      values.forEach((wanted, at) => {
        // float32 and float16 were written to JSON as exact doubles.
        assert.ok(sameValue(array.values[at], wanted), `${name}[${at}]: ${array.values[at]}, ${wanted}`);
      });
    }
  });

test('only the arrays asked for are read', () => {
  assert.deepEqual([...readNpz(fixture('stored.npz'), { only: ['int8', 'nothing'] }).keys()], ['int8']);
});

const samples: Record<string, Pick<NpyArray, 'shape' | 'values'>> = {
  images: { shape: [2, 1, 1, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 6) },
  embeddings: { shape: [2, 2], values: Float32Array.of(0.5, -1, 3, Number.NaN) },
  doubles: { shape: [1], values: Float64Array.of(Math.PI) },
  labels: { shape: [3], values: Int32Array.of(-1, 0, 2 ** 31 - 1) },
  long: { shape: [2], values: BigInt64Array.of(-5n, 2n ** 60n) },
  class_names: { shape: [3], values: ['a', 'Größe', '🙂🙂'] },
  none: { shape: [0, 4], values: new Float32Array(0) },
};

test('what is written is read back, and the same arrays give the same bytes', (t) => {
  const folder = scratchFolder(t);
  const path = join(folder, 'deep', 'a.npz');
  writeNpz(path, samples);
  const arrays = readNpz(path);
  for (const [name, { shape, values }] of Object.entries(samples)) {
    assert.deepEqual(arrays.get(name)!.shape, shape);
    assert.deepEqual(arrays.get(name)!.values, values);
  }
  writeNpz(join(folder, 'b.npz'), samples);
  assert.deepEqual(readFileSync(join(folder, 'b.npz')), readFileSync(path));
  assert.deepEqual(readdirSync(join(folder, 'deep')), ['a.npz']);
});

test('an array in memory that starts at an odd address is read', () => {
  const bytes = encodeNpy({ shape: [2], values: Float64Array.of(1, 2) });
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  assert.deepEqual(parseNpy(shifted.subarray(1), 'x').values, Float64Array.of(1, 2));
});

const refuses = (path: string, message: RegExp, limits: NpzLimits = {}) =>
  assert.throws(
    () => readNpz(path, limits),
    (error: Error) => {
      assert.ok(error instanceof InputError, error.stack);
      assert.match(error.message, message);
      assert.ok(!error.message.includes('\n'));
      return true;
    },
  );

test('a file cut short anywhere is refused', (t) => {
  const path = join(scratchFolder(t), 'cut.npz');
  const whole = readFileSync(fixture('deflated.npz'));
  for (let bytes = 0; bytes < whole.length; bytes += 97) {
    writeFileSync(path, whole.subarray(0, bytes));
    refuses(path, /truncated/);
  }
});

test('a byte that changed in the data is found by the checksum', (t) => {
  const path = join(scratchFolder(t), 'flipped.npz');
  const bytes = Uint8Array.from(readFileSync(fixture('stored.npz')));
  bytes[250]! ^= 1;
  writeFileSync(path, bytes);
  refuses(path, /its checksum differs$/);
});

/** Overwrites a 32-bit field of the first entry of the zip directory. */
function withDirectoryField(bytes: Uint8Array, offset: number, value: number): Uint8Array {
  const changed = Uint8Array.from(bytes);
  const view = new DataView(changed.buffer);
  const directory = view.getUint32(changed.length - 22 + 16, true);
  view.setUint32(directory + offset, value, true);
  return changed;
}

test('a zip directory that lies about sizes is refused before memory is taken', (t) => {
  const path = join(scratchFolder(t), 'lie.npz');
  const deflated = zipSync({ 'a.npy': encodeNpy({ shape: [5000], values: new Uint8Array(5000) }) });
  for (const [size, message] of [
    [5000, /holds more than the 5000 bytes that it declares/],
    [6000, /declares 6000 bytes, holds 5128/],
    [2_000_000, /bytes cannot hold the 2000000 that it declares/],
  ] as const) {
    writeFileSync(path, withDirectoryField(deflated, 24, size));
    refuses(path, message);
  }
  writeFileSync(path, withDirectoryField(deflated, 20, 1_000_000));
  refuses(path, /truncated/);
  writeFileSync(path, withDirectoryField(deflated, 42, 3));
  refuses(path, /no entry where the directory says/);
});

test('an array header that lies about its shape is refused', (t) => {
  const path = join(scratchFolder(t), 'lie.npz');
  const honest = encodeNpy({ shape: [10, 10], values: new Uint8Array(100) });
  const text = new TextDecoder('latin1').decode(honest);
  const withShape = (shape: string) =>
    Uint8Array.from(text.replace('(10, 10)', shape), (c) => c.charCodeAt(0));
  for (const shape of ['(99, 99)', '(10, 11)', '(1, 1, 1)']) {
    writeFileSync(path, zipSync({ 'a.npy': withShape(shape) }));
    refuses(path, /a.npy: the header says \|u1 \[.*\], \d+ bytes; the file holds \d+/);
  }
  writeFileSync(path, zipSync({ 'a.npy': withShape('(x, 10)') }));
  refuses(path, /no dtype, order and shape that are read/);
});

test('a zip bomb is refused by its declared size, and limits can be moved', (t) => {
  const path = join(scratchFolder(t), 'bomb.npz');
  const zeros = encodeNpy({ shape: [2 ** 20], values: new Uint8Array(2 ** 20) });
  const one = zipSync({ 'a.npy': [zeros, { level: 9 }] });
  writeFileSync(path, withDirectoryField(one, 24, 0xfffffff0));
  refuses(path, /declare 4294967280 bytes of arrays look like a zip bomb; the limit is 200 times$/);
  refuses(path, /declares 4294967280 bytes of arrays; the limit is 1000000$/, { totalBytes: 1e6 });
  writeFileSync(path, one);
  assert.equal(readNpz(path).get('a')!.values.length, 2 ** 20);
  refuses(path, /limit is 1000$/, { totalBytes: 1000 });
});

test('what is no .npz, no array, or an array of objects is refused', (t) => {
  const path = join(scratchFolder(t), 'x.npz');
  refuses(path, /^\/.*x.npz: no such file$/);
  for (const content of ['', 'PK', 'no zip at all, but longer than the end record of one']) {
    writeFileSync(path, content);
    refuses(path, /is no zip file, or is truncated/);
  }
  writeFileSync(path, zipSync({ 'readme.txt': new TextEncoder().encode('hello') }));
  refuses(path, /readme.txt: is no .npy array/);
  refuses(fixture('objects.npz'), /names.npy: arrays of dtype \|O are not read; allowed are/);
});

test('whatever bytes change, the answer is arrays or one line, never another error', (t) => {
  const path = join(scratchFolder(t), 'mutated.npz');
  const random = randomStream(8);
  let refused = 0;
  for (let round = 0; round < 1500; round++) {
    const bytes = Uint8Array.from(readFileSync(fixture(round % 2 === 0 ? 'stored.npz' : 'images.npz')));
    for (let change = 0; change <= random.below(3); change++)
      bytes[random.below(bytes.length)] = random.below(256);
    writeFileSync(path, bytes);
    try {
      readNpz(path);
    } catch (error) {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), (error as Error).stack);
      refused += 1;
    }
  }
  assert.ok(refused > 1000, `${refused} of 1500 refused`);
});

test('whatever bytes of an array change, the answer is an array or one line', () => {
  const random = randomStream(9);
  const arrays = [
    encodeNpy({ shape: [2, 3], values: Float32Array.of(1, 2, 3, 4, 5, 6) }),
    encodeNpy({ shape: [2], values: ['ab', 'c'] }),
    encodeNpy({ shape: [1], values: BigInt64Array.of(5n) }),
  ];
  for (let round = 0; round < 6000; round++) {
    const bytes = Uint8Array.from(arrays[round % 3]!);
    // Mostly within the header.
    for (let change = 0; change <= random.below(3); change++) bytes[random.below(80)] = 32 + random.below(95);
    try {
      parseNpy(bytes, 'x');
    } catch (error) {
      assert.ok(error instanceof InputError && !error.message.includes('\n'), (error as Error).stack);
    }
  }
});

test('arrays beyond what a zip of 32-bit sizes holds are refused, and no file is left', (t) => {
  const path = join(scratchFolder(t), 'large.npz');
  const arrays = { values: { shape: [1000], values: new Float64Array(1000) } };
  assert.throws(() => writeNpz(path, arrays, 9000), { code: 'EFBIG' });
  assert.equal(existsSync(path), false);
  writeNpz(path, arrays, 9200);
  assert.equal(readNpz(path).get('values')!.values.length, 1000);
});
