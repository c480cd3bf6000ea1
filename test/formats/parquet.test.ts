import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { openDataSource } from '../../src/data/sources.ts';
import { readNpz } from '../../src/formats/npz.ts';
import { readHybrid, readPlain } from '../../src/formats/parquet/page-values.ts';
import { endOfStruct } from '../../src/formats/parquet/thrift-limits.ts';
import { InputError } from '../../src/input-error.ts';
import { randomStream } from '../../src/random/random.ts';
import { corrupted } from '../fixtures/corrupted.ts';

const fixture = readNpz(join(import.meta.dirname, '../data/fixtures/parquet.npz'));
const folder = mkdtempSync(join(tmpdir(), 'gcnc-parquet-'));
after(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'x.parquet');

/** Null where the bytes are read, with as many labels as images; throws unless they are refused in one line. */
async function outcomeOf(bytes: Uint8Array): Promise<string | null> {
  writeFileSync(path, bytes);
  try {
    const set = await openDataSource(path, { dataFolder: '' }).load('whole');
    assert.equal(set.images.length, set.labels.length * set.height * set.width * 3);
    return null;
  } catch (error) {
    assert.ok(error instanceof InputError, `${(error as Error).stack}`);
    assert.ok(!error.message.includes('\n') && error.message.startsWith(path), error.message);
    return error.message;
  }
}

for (const name of [
  'datasets-row-groups',
  'pyarrow-gzip-v2',
  'pyarrow-none',
  'pyarrow-small-pages',
  'pyarrow-brotli',
])
  test(`150 damaged copies of ${name}.parquet are refused in one line or read whole, within the memory of the file`, async () => {
    const source = fixture.get(`file/${name}`)!.values as Uint8Array;
    const { uniform } = randomStream(name.length, 21);
    let refusedCount = 0;
    const before = process.memoryUsage();
    let largest = 0;
    for (let round = 0; round < 150; round++) {
      if ((await outcomeOf(corrupted(source, uniform))) !== null) refusedCount += 1;
      const { heapUsed, arrayBuffers } = process.memoryUsage();
      largest = Math.max(largest, heapUsed - before.heapUsed, arrayBuffers - before.arrayBuffers);
    }
    assert.ok(refusedCount > 75, `${refusedCount} of 150 refused`);
    assert.ok(largest < 100e6, `${largest} bytes`);
  });

test('150 copies of a file whose footer is damaged, its length kept, are refused in one line or read', async () => {
  const source = fixture.get('file/pyarrow-snappy')!.values as Uint8Array;
  const length = new DataView(source.buffer, source.byteOffset).getUint32(source.length - 8, true);
  const { below } = randomStream(7, 22);
  let refusedCount = 0;
  for (let round = 0; round < 150; round++) {
    const bytes = source.slice();
    for (let change = 0; change <= round % 3; change++)
      bytes[source.length - 8 - 1 - below(length)] = below(256);
    if ((await outcomeOf(bytes)) !== null) refusedCount += 1;
  }
  assert.ok(refusedCount > 50, `${refusedCount} of 150 refused`);
});

test('150 files whose pages are damaged are refused in one line or read', async () => {
  const source = fixture.get('file/pyarrow-snappy-v2')!.values as Uint8Array;
  const length = new DataView(source.buffer, source.byteOffset).getUint32(source.length - 8, true);
  const { below } = randomStream(8, 23);
  let refusedCount = 0;
  for (let round = 0; round < 150; round++) {
    const bytes = source.slice();
    for (let change = 0; change <= round % 5; change++)
      bytes[4 + below(source.length - length - 12)] = below(256);
    if ((await outcomeOf(bytes)) !== null) refusedCount += 1;
  }
  assert.ok(refusedCount > 50, `${refusedCount} of 150 refused`);
});

test('a list, a text or a struct that announces more than the bytes hold is refused before anything is made', () => {
  const list = Uint8Array.from([0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07, 0]);
  assert.throws(() => endOfStruct(list, 0), /announce a list of 2147483647 and end before it/);
  assert.throws(() => endOfStruct(Uint8Array.from([0x18, 0xff, 0xff, 0x03, 65]), 0), /end within a value/);
  assert.throws(() => endOfStruct(new Uint8Array(1000).fill(0x1c), 0), /nest too deep/);
  assert.throws(() => endOfStruct(new Uint8Array(1000).fill(0x19), 0), /nest too deep/);
  assert.throws(
    () => endOfStruct(Uint8Array.from([0x15, ...new Array(12).fill(0x80)]), 0),
    /more than 64 bits/,
  );
  assert.throws(() => endOfStruct(Uint8Array.from([0x1b, 1, 0]), 0), /the Thrift type 11/);
  assert.equal(endOfStruct(Uint8Array.from([0x15, 2, 0x18, 1, 65, 0x29, 0x15, 4, 0, 9]), 0), 9);
});

test('runs of indices are as many as the page says, of at most 32 bits', () => {
  // Encodings.md: 0 to 7 in 3 bits are 88 C6 FA; a run of four 300s takes two bytes.
  assert.deepEqual([...readHybrid(Uint8Array.from([3, 0x88, 0xc6, 0xfa]), 3, 8)], [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual([...readHybrid(Uint8Array.from([8, 0x2c, 1]), 9, 4)], [300, 300, 300, 300]);
  assert.throws(
    () => readHybrid(Uint8Array.from([0xfe, 0xff, 0xff, 0xff, 0x0f, 1]), 1, 4),
    /a run of 2147483647 indices where 4/,
  );
  assert.throws(() => readHybrid(Uint8Array.from([3, 0x88]), 3, 8), /ends within its indices/);
  assert.throws(() => readHybrid(Uint8Array.from([0, 0, 0]), 1, 4), /an empty run/);
  assert.throws(() => readHybrid(Uint8Array.from([8, 1]), 40, 4), /indices of 40 bits/);
});

test('plain values that are not there are refused before memory is taken', () => {
  assert.throws(
    () => readPlain(new Uint8Array(8), 'INT64', 2_000_000_000),
    /8 bytes announces 2000000000 values/,
  );
  assert.throws(
    () => readPlain(Uint8Array.from([255, 255, 255, 127, 1]), 'BYTE_ARRAY', 1),
    /ends within its values/,
  );
  assert.throws(() => readPlain(new Uint8Array(8), 'DOUBLE', 1), /a column of the type DOUBLE/);
  assert.deepEqual(readPlain(Uint8Array.from([1, 0, 0, 0, 65, 0, 0, 0, 0]), 'BYTE_ARRAY', 2), [
    Uint8Array.of(65),
    new Uint8Array(),
  ]);
});
