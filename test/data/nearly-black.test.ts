import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { openDataSource } from '../../src/data/sources.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { scratchFolder } from './scratch.ts';

const warningsOf = async (t: test.TestContext, name: string, options: object = {}) => {
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  const source = openDataSource(name, { dataFolder: name, ...options });
  for (const part of ['train', 'test', 'whole'] as const) await source.load(part);
  const said = warned.mock.calls.map((call) => String(call.arguments[0]));
  warned.mock.restore();
  return said;
};

test('images whose largest value is of 1, 4 or 12 bits, or of floats divided twice, are told to be nearly black, once', async (t) => {
  const path = join(scratchFolder(t), 'dark.npz');
  const shape = [4, 1, 2, 1];
  const labels = { shape: [4], values: Int32Array.of(0, 0, 1, 1) };
  const save = (values: Uint8Array | Float32Array) => writeNpz(path, { images: { shape, values }, labels });
  for (const [largest, values] of [
    [1, Uint8Array.of(0, 1, 1, 0, 1, 0, 0, 1)],
    [16, Uint8Array.of(0, 16, 9, 16, 3, 16, 7, 16)],
    [1, Float32Array.of(0, 1, 1, 0, 1, 0, 0, 1).map((value) => value / 255)],
  ] as const) {
    save(values);
    const said = await warningsOf(t, path);
    assert.equal(said.length, 1);
    assert.match(
      said[0]!,
      new RegExp(`dark\\.npz: images: no value is above ${largest} of 255, so the images are nearly black`),
    );
  }
  save(Uint8Array.of(0, 17, 9, 17, 3, 17, 7, 17));
  assert.deepEqual(await warningsOf(t, path), []);
});

test('binarised MNIST that is stored as 0 and 1 is told to be nearly black', async (t) => {
  const folder = scratchFolder(t);
  const raw = join(folder, 'mnist');
  mkdirSync(raw);
  const idx = (shape: readonly number[], values: readonly number[]) =>
    Uint8Array.from([0, 0, 8, shape.length, ...shape.flatMap((length) => [0, 0, 0, length]), ...values]);
  for (const prefix of ['train', 't10k']) {
    writeFileSync(join(raw, `${prefix}-images-idx3-ubyte`), idx([2, 2, 2], [0, 1, 1, 0, 1, 1, 0, 0]));
    writeFileSync(join(raw, `${prefix}-labels-idx1-ubyte`), idx([2], [3, 5]));
  }
  const warned = t.mock.method(diagnostics, 'warn', () => {});
  await openDataSource('mnist', { dataFolder: folder }).load('train');
  assert.match(String(warned.mock.calls[0]!.arguments[0]), /^mnist: images: no value is above 1 of 255/);
});
