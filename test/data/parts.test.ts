import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import sharp from 'sharp';
import { runConfigSchema } from '../../src/config/schema.ts';
import { openDataSource } from '../../src/data/sources.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { scratchFolder } from './scratch.ts';

/** Folders of one-coloured PNG files: `{ 'train/cat': [1, 2] }` are two images of these greys. */
async function write(root: string, classes: Readonly<Record<string, readonly number[]>>): Promise<void> {
  for (const [name, colours] of Object.entries(classes)) {
    mkdirSync(join(root, name), { recursive: true });
    for (const colour of colours) {
      const background = { r: colour, g: colour, b: colour };
      const png = await sharp({ create: { width: 2, height: 2, channels: 3, background } })
        .png()
        .toBuffer();
      writeFileSync(join(root, name, `${String(colour).padStart(3, '0')}.png`), png);
    }
  }
}

const study = (name: string, split = 'auto') =>
  loadStudyData(runConfigSchema.parse({ data: { name, split, imageSize: 2 } }).data, { dataFolder: '' });

const twelve = (from: number): number[] => Array.from({ length: 12 }, (_, at) => from + at);
/** The grey of every image. */
const greys = ({ images }: { readonly images: Uint8Array }): number[] =>
  [...images].filter((_, at) => at % 12 === 0);

test('train/, val/ and test/ of classes that are apart are source, validation and target', async (t) => {
  const folder = scratchFolder(t);
  await write(folder, {
    'train/ant': twelve(0),
    'train/bee': twelve(20),
    'val/cow': [40, 41, 42],
    'test/dog': [60, 61, 62, 63],
    'test/Aal': [80, 81],
  });
  const found = await study(folder);
  assert.equal(found.split, 'folders');
  assert.deepEqual(found.sourceTrain.classNames, ['ant', 'bee']);
  assert.deepEqual(found.validation?.classNames, ['cow']);
  assert.deepEqual(found.target?.classNames, ['Aal', 'dog']);
  // A sixth of each source class is the test part; together they are all of it, each image once.
  assert.deepEqual([found.sourceTrain.labels.length, found.sourceTest.labels.length], [20, 4]);
  const source = [...greys(found.sourceTrain), ...greys(found.sourceTest)].sort((a, b) => a - b);
  assert.deepEqual(source, [...twelve(0), ...twelve(20)]);
  // Every held-out image is there under its own class.
  const target = found.target!;
  const byClass = greys(target).map((grey, at) => [target.classNames[target.labels[at]!], grey] as const);
  assert.deepEqual(
    byClass.sort((a, b) => a[1] - b[1]),
    [...[60, 61, 62, 63].map((grey) => ['dog', grey]), ...[80, 81].map((grey) => ['Aal', grey])],
  );
  assert.deepEqual(greys(found.validation!).sort(), [40, 41, 42]);
});

test('a source says whether its test part is stored or drawn', async (t) => {
  const whole = scratchFolder(t);
  await write(whole, { ant: [0, 1], bee: [2, 3] });
  const apart = scratchFolder(t);
  await write(apart, { 'train/ant': [0, 1], 'test/bee': [2, 3] });
  const same = scratchFolder(t);
  await write(same, { 'train/ant': [0, 1], 'test/ant': [2, 3] });
  const testPart = (name: string) => openDataSource(name, { dataFolder: '', imageSize: 2 }).testPart();
  assert.deepEqual([whole, apart, same, 'glyphs'].map(testPart), ['drawn', 'drawn', 'stored', 'stored']);
});

test('without val/ there are no validation classes, and without test/ no target classes', async (t) => {
  const [two, other] = [scratchFolder(t), scratchFolder(t)];
  await write(two, { 'train/ant': twelve(0), 'train/bee': twelve(30), 'test/dog': [60, 61] });
  await write(other, { 'train/ant': twelve(0), 'train/bee': twelve(30), 'validation/dog': [60, 61] });
  const [first, second] = [await study(two), await study(other)];
  assert.deepEqual([first.validation, first.target?.classNames], [null, ['dog']]);
  assert.deepEqual([second.validation?.classNames, second.target], [['dog'], null]);
});

test('data.split stays the last word', async (t) => {
  const folder = scratchFolder(t);
  await write(folder, { 'train/ant': twelve(0), 'test/dog': twelve(60) });
  const found = await study(folder, 'none');
  assert.deepEqual([found.sourceTrain.classNames, found.target], [['ant', 'dog'], null]);
});

const refused: readonly [
  what: string,
  classes: Readonly<Record<string, readonly number[]>>,
  message: RegExp,
][] = [
  [
    'parts that share some classes',
    { 'train/ant': [1, 2], 'train/bee': [3, 4], 'test/ant': [5], 'test/cow': [6] },
    /both have the class ant, but only .*train\/ has bee; parts have the same classes/,
  ],
  [
    'a target class that is also a validation class',
    { 'train/ant': [1, 2], 'val/cow': [3, 4], 'test/cow': [5], 'test/dog': [6] },
    /both have the class cow, but only .*test\/ has dog/,
  ],
  [
    'validation and target of the same classes',
    { 'train/ant': [1, 2], 'val/cow': [3, 4], 'test/cow': [5] },
    /val\/ and .*test\/ both have the class cow, but .*train\/ has others/,
  ],
  [
    'train and validation of the same classes beside other test classes',
    { 'train/ant': [1, 2], 'val/ant': [3, 4], 'test/cow': [5] },
    /train\/ and .*val\/ both have the class ant, but .*test\/ has others; parts have/,
  ],
  [
    'one class under two spellings',
    { 'train/Ice_Bear': [1, 2], 'test/ice bear': [3] },
    /train\/ has the class Ice_Bear and .*test\/ has ice bear: one class or two\?/,
  ],
  [
    'one class with composed and decomposed accents',
    { 'train/caf\u00e9': [1, 2], 'test/cafe\u0301': [3] },
    /one class or two\?/,
  ],
  ['a part without class folders', { 'train/ant': [1, 2], test: [3] }, /test: expected folders of images/],
  [
    'two validation parts',
    { 'train/ant': [1, 2], 'val/bee': [3], 'validation/bee': [3], 'test/cow': [5] },
    /has val\/ and validation\/; which holds the validation part/,
  ],
];
for (const [what, classes, message] of refused)
  test(`${what}: refused`, async (t) => {
    const folder = scratchFolder(t);
    await write(folder, classes);
    await assert.rejects(study(folder), message);
  });
