import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { cifar10 } from '../../src/data/sets/cifar-10.ts';
import { cifar100 } from '../../src/data/sets/cifar-100.ts';
import { InputError } from '../../src/input-error.ts';
import { scratchFolder } from './scratch.ts';
import { cifarClassNames, cifarRecords, writeCifar100 } from './small-sets.ts';

test('CIFAR-100 records become pixels: planes to red, green, blue; the fine label is the class', async (t) => {
  const dataFolder = scratchFolder(t);
  writeCifar100(dataFolder);
  const train = await cifar100.open({ dataFolder }).load('train');
  assert.deepEqual(
    { ...train, images: train.images.length, labels: [...train.labels] },
    {
      name: 'cifar-100/train',
      height: 32,
      width: 32,
      channels: 3,
      images: 300 * 3072,
      labels: Array.from({ length: 300 }, (_, r) => r % 100),
      classNames: cifarClassNames,
    },
  );
  const literal = train.images.map((_, at) => {
    const [r, p, c] = [Math.floor(at / 3072), Math.floor((at % 3072) / 3), at % 3];
    return (r + 3 * p + 50 * c) % 256;
  });
  assert.deepEqual(train.images, literal);
});

test('the whole is train, then test', async (t) => {
  const dataFolder = scratchFolder(t);
  writeCifar100(dataFolder);
  const source = cifar100.open({ dataFolder });
  const [train, test, whole] = [
    await source.load('train'),
    await source.load('test'),
    await source.load('whole'),
  ];
  assert.deepEqual(whole.images, Uint8Array.from([...train.images, ...test.images]));
});

test('CIFAR-10 is read from five batches and a test batch, one label byte a record', async (t) => {
  const dataFolder = scratchFolder(t);
  const folder = join(dataFolder, 'cifar-10-batches-bin');
  mkdirSync(folder);
  const names = 'airplane automobile bird cat deer dog frog horse ship truck'.split(' ');
  writeFileSync(join(folder, 'batches.meta.txt'), `${names.join('\n')}\n\n`);
  const oneLabel = (bytes: Uint8Array) => bytes.filter((_, at) => at % 3074 !== 0);
  for (const number of [1, 2, 3, 4, 5])
    writeFileSync(join(folder, `data_batch_${number}.bin`), oneLabel(cifarRecords(10 + number, 10)));
  writeFileSync(join(folder, 'test_batch.bin'), oneLabel(cifarRecords(20, 10)));
  const train = await cifar10.open({ dataFolder }).load('train');
  assert.equal(train.labels.length, 65);
  assert.deepEqual([...train.labels.subarray(0, 13)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 0, 1]);
  assert.deepEqual([...train.images.subarray(11 * 3072, 11 * 3072 + 6)], [0, 50, 100, 3, 53, 103]);
  assert.deepEqual(train.classNames, names);
});

test('what is wrong with a file is said in one line: the file, expected, found, and how to get it', async (t) => {
  const dataFolder = scratchFolder(t);
  const source = cifar100.open({ dataFolder });
  const refuses = (message: RegExp) =>
    assert.rejects(source.load('train'), (error: Error) => {
      assert.ok(error instanceof InputError && !error.message.includes('\n'));
      assert.match(error.message, message);
      assert.match(error.message, /gcnc data fetch cifar-100/);
      return true;
    });
  await refuses(/no readable file .*fine_label_names.txt; run .*GCNC_DATA_DIR/);
  const folder = writeCifar100(dataFolder);
  const train = join(folder, 'train.bin');
  writeFileSync(train, cifarRecords(3).subarray(0, 3074 * 2 + 100));
  await refuses(/train.bin: expected records of 3074 bytes, found 6248 bytes \(2 records and 100 bytes\)/);
  writeFileSync(train, '');
  await refuses(/train.bin: expected records of 3074 bytes, found 0 bytes/);
  const bytes = cifarRecords(3);
  bytes[3074 + 1] = 100;
  writeFileSync(train, bytes);
  await refuses(/train.bin: expected labels below 100, found 100 in record 1/);
  rmSync(train);
  await refuses(/no readable file .*train.bin/);
  writeFileSync(join(folder, 'fine_label_names.txt'), 'apple\nbaby\n');
  await refuses(/fine_label_names.txt: expected 100 class names, found 2/);
});

test('a class name that is given twice is refused: the images of one of the two would be left out', async (t) => {
  const dataFolder = scratchFolder(t);
  const folder = writeCifar100(dataFolder);
  const names = cifarClassNames.map((name, at) => (at === 7 ? cifarClassNames[3]! : name));
  writeFileSync(join(folder, 'fine_label_names.txt'), names.join('\n'));
  await assert.rejects(cifar100.open({ dataFolder }).load('train'), {
    name: 'InputError',
    message: `${join(folder, 'fine_label_names.txt')}: the class name ${names[3]} is given twice`,
  });
});
