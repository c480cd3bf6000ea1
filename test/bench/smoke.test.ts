import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { writeCifarSubset } from '../../bench/smoke/cifar-subset.ts';
import { missingResults } from '../../bench/smoke/missing-results.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { cifar100Names } from '../data/cifar100-names.ts';
import { writeCifar100 } from '../data/small-sets.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-smoke-test-'));
after(() => rmSync(root, { recursive: true }));

describe('a small CIFAR-100 in the official layout', () => {
  test('of drawn images is read as CIFAR-100, each class with 12 and 8 images that differ', async () => {
    const folder = join(root, 'drawn');
    assert.equal(writeCifarSubset(folder, join(root, 'nothing here')), 'drawn');
    const source = openDataSource('cifar-100', { dataFolder: folder, cacheFolder: folder });
    for (const [part, count] of [
      ['train', 12],
      ['test', 8],
    ] as const) {
      const set = await source.load(part);
      assert.deepEqual(set.classNames, cifar100Names);
      const sizes = new Int32Array(100);
      for (const label of set.labels) sizes[label]!++;
      assert.deepEqual([...new Set(sizes)], [count]);
      const images = new Set(
        Array.from(set.labels, (_, i) => set.images.slice(i * 3072, (i + 1) * 3072).join()),
      );
      assert.equal(images.size, 100 * count);
    }
  });

  test('of real images has the first records of each class, byte for byte', () => {
    const data = join(root, 'data');
    const folder = join(root, 'real');
    const official = readFileSync(join(writeCifar100(data), 'train.bin'));
    assert.equal(writeCifarSubset(folder, data), 'real');
    // 300 records of 100 classes: three per class, fewer than the twelve that are taken at most.
    assert.deepEqual(readFileSync(join(folder, 'cifar-100-binary/train.bin')), official);
  });
});

describe('the check of the results', () => {
  const wanted = {
    splits: ['target'],
    measures: ['cdnv', 'nc3SelfDuality'],
    shots: [1, 5],
    readouts: ['ridge'],
  } as const;
  const whole = {
    measures: [
      {
        split: 'target',
        geometricComplexity: { value: 2, standardError: 0.1 },
        neuralCollapse: {
          cdnv: 3,
          nc3SelfDuality: null,
          undefinedBecause: { nc3SelfDuality: 'no classifier' },
        },
      },
    ],
    sharpness: [
      { kind: 'adaptive', value: 0.1 },
      { kind: 'plain', value: 0 },
    ],
    fewshot: {
      results: [
        { readout: 'ridge', shots: 1, accuracy: 0.2 },
        { readout: 'ridge', shots: 5, accuracy: 0.3 },
      ],
    },
  };
  const without = (change: (record: typeof whole) => void): readonly string[] => {
    const record = structuredClone(whole);
    change(record);
    return missingResults(JSON.stringify(record), wanted);
  };

  test('finds nothing where all is there', () => {
    assert.deepEqual(missingResults(JSON.stringify(whole), wanted), []);
  });

  for (const [what, change, found] of [
    [
      'a measure that is absent',
      (r) => Reflect.deleteProperty(r.measures[0]!.neuralCollapse, 'cdnv'),
      /^target: cdnv is neither/,
    ],
    [
      'a value that JSON lost',
      (r) => Object.assign(r.measures[0]!.neuralCollapse, { cdnv: Number.NaN }),
      /^target: cdnv is neither/,
    ],
    [
      'a null without a reason',
      (r) => Reflect.deleteProperty(r.measures[0]!.neuralCollapse, 'undefinedBecause'),
      /^target: nc3SelfDuality is neither/,
    ],
    ['a split', (r) => r.measures.pop(), /^target was not measured/],
    [
      'an error of geometric complexity',
      (r) => Object.assign(r.measures[0]!.geometricComplexity, { standardError: null }),
      /^target: the standardError of/,
    ],
    ['shots of a readout', (r) => r.fewshot.results.pop(), /ridge has none with 5 shots/],
    [
      'few-shot accuracy as a whole',
      (r) => Reflect.deleteProperty(r, 'fewshot'),
      /ridge has none with 1 shots/,
    ],
    ['a kind of sharpness', (r) => r.sharpness.pop(), /^sharpness: plain is not finite/],
  ] as readonly [string, (record: typeof whole) => void, RegExp][])
    test(`names ${what}`, () => {
      const missing = without(change);
      assert.ok(missing.length > 0);
      assert.match(missing[0]!, found);
    });
});
