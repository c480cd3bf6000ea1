import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { normalizationOf } from '../../src/data/normalization.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';

// fixtures/python-batches.py wrote both versions of the same records, with NumPy's pickles of protocols 0 to 5.
const fixtures = fileURLToPath(new URL('fixtures/cifar', import.meta.url));
const versions = [
  ['cifar-10', 'cifar-10-batches-bin', 'cifar-10-batches-py'],
  ['cifar-100', 'cifar-100-binary', 'cifar-100-python'],
] as const;

for (const [name, binary, python] of versions)
  test(`${python} equals ${binary} to the last bit, in the data folder and by its path`, async (t) => {
    const dataFolder = scratchFolder(t);
    cpSync(join(fixtures, python), join(dataFolder, python), { recursive: true });
    const expected = openDataSource(name, { dataFolder: fixtures });
    assert.ok(expected.location?.endsWith(binary));
    for (const source of [
      openDataSource(name, { dataFolder }),
      openDataSource(join(dataFolder, python), { dataFolder: '/nowhere' }),
      openDataSource(join(fixtures, binary), { dataFolder: '/nowhere' }),
    ]) {
      assert.deepEqual([source.name, source.ownSplit], [expected.name, expected.ownSplit]);
      for (const part of ['train', 'test', 'whole'] as const)
        assert.deepEqual(await source.load(part), await expected.load(part));
    }
    const train = await expected.load('train');
    assert.equal(normalizationOf(expected.name, train).mean.length, 3);
  });

test('a wrong Python batch is refused in one line that names it', async (t) => {
  const dataFolder = scratchFolder(t);
  const folder = join(dataFolder, 'cifar-100-python');
  cpSync(join(fixtures, 'cifar-100-python'), folder, { recursive: true });
  const refuses = (message: RegExp) =>
    assert.rejects(
      async () => openDataSource(folder, { dataFolder }).load('train'),
      (error: Error) =>
        error instanceof InputError && message.test(error.message) && !error.message.includes('\n'),
      String(message),
    );
  const train = join(folder, 'train');
  const bytes = readFileSync(train);
  writeFileSync(train, bytes.subarray(0, 5000));
  await refuses(/train: not a Python pickle that is read, or a damaged one: /);
  writeFileSync(train, "cos\nsystem\n(S'true'\ntR.");
  await refuses(/it names the Python object os.system, which is not read and never run/);
  writeFileSync(train, ']q\0.');
  await refuses(/expected a pickled dict, found another value/);
  writeFileSync(train, '}.');
  await refuses(/data: expected uint8 \[N, 3072\], found no array/);
  const meta = join(folder, 'meta');
  const named = readFileSync(meta);
  const names = Array.from({ length: 100 }, (_, at) => `S'c${at === 7 ? 3 : at}'\na`);
  writeFileSync(meta, `(dS'fine_label_names'\n(l${names.join('')}s.`);
  await refuses(/meta: fine_label_names: the class name c3 is given twice/);
  writeFileSync(meta, named);
  rmSync(train);
  await refuses(/train: no such file$/);
});

test("torchvision's MNIST/raw is MNIST, and FashionMNIST/raw is Fashion-MNIST, in the data folder and by path", async (t) => {
  const dataFolder = scratchFolder(t);
  const idx = (shape: readonly number[], value: number) =>
    Uint8Array.from([
      ...[0, 0, 8, shape.length],
      ...shape.flatMap((length) => [0, 0, 0, length]),
      ...new Array(shape.reduce((product, length) => product * length)).fill(value),
    ]);
  for (const [folder, name, value] of [
    ['MNIST', 'mnist', 3],
    ['FashionMNIST', 'fashion-mnist', 5],
  ] as const) {
    const raw = join(dataFolder, folder, 'raw');
    mkdirSync(raw, { recursive: true });
    for (const prefix of ['train', 't10k']) {
      writeFileSync(join(raw, `${prefix}-images-idx3-ubyte`), idx([2, 28, 28], value));
      writeFileSync(join(raw, `${prefix}-labels-idx1-ubyte`), idx([2], value));
    }
    for (const asked of [name, raw, join(dataFolder, folder)]) {
      const source = openDataSource(asked, { dataFolder });
      assert.deepEqual([source.name, source.location], [name, raw]);
      const { images, labels } = await source.load('test');
      assert.deepEqual([images[0], ...labels], [value, value, value]);
    }
  }
});
