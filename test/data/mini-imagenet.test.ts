import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import sharp from 'sharp';
import { runConfigSchema } from '../../src/config/schema.ts';
import { decodeImage } from '../../src/data/decode-image.ts';
import { averageSquare } from '../../src/data/resize.ts';
import { loadStudyData } from '../../src/data/study.ts';
import { pythonWith } from '../report/export/reference-python.ts';
import { scratchFolder } from './scratch.ts';

const script = resolve(import.meta.dirname, '../../docs/examples/mini_imagenet.py');
const { python, skip } = pythonWith(['pillow', 'numpy']);

const classes = { train: ['n00000001', 'n00000002'], val: ['n00000003'], test: ['n00000004'] };
/** As ImageNet's, the numbers have gaps, and their order is not that of the names. */
const numbers = [3, 20, 100, 9, 7, 1000, 55];
const inOrder = numbers.toSorted((a, b) => a - b);

/** An ImageNet of one-coloured images, whose red is the class and whose green the file's number modulo 256. */
async function makeUp(t: TestContext, { positions = [2, 1, 6] } = {}) {
  const root = scratchFolder(t);
  for (const name of Object.values(classes).flat()) {
    mkdirSync(join(root, 'imagenet', name), { recursive: true });
    for (const number of numbers) {
      const background = { r: Number(name.at(-1)), g: number % 256, b: 200 };
      const picture = sharp({ create: { width: 30, height: 20, channels: 3, background } }).png();
      writeFileSync(join(root, 'imagenet', name, `${name}_${number}.JPEG`), await picture.toBuffer());
    }
  }
  mkdirSync(join(root, 'lists'));
  for (const [part, names] of Object.entries(classes)) {
    const rows = names.flatMap((name) =>
      positions.map((at) => `${name}${String(at).padStart(8, '0')}.jpg,${name}`),
    );
    writeFileSync(join(root, 'lists', `${part}.csv`), `filename,label\n${rows.join('\n')}\n`);
  }
  return root;
}

const args = (root: string, ...more: string[]): string[] => [
  script,
  ...['imagenet', 'lists', 'out'].map((name) => join(root, name)),
  ...more,
];
const refusal = (root: string): string => {
  const { status, stderr } = spawnSync(python, args(root, '--size', '6'), { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stderr.trimEnd().split('\n').length, 1, stderr);
  return stderr;
};

describe('mini_imagenet.py', { skip }, () => {
  test('takes the files at the positions in the order of their numbers, and gcnc reads them as source, validation and target', async (t) => {
    const root = await makeUp(t);
    const said = execFileSync(python, args(root, '--size', '6'), { encoding: 'utf8' });
    assert.match(said, /train: 2 classes, 6 images\nval: 1 classes, 3 images\ntest: 1 classes, 3 images/);
    const { data } = runConfigSchema.parse({ data: { name: join(root, 'out'), imageSize: 6 } });
    const study = await loadStudyData(data, { dataFolder: '' });
    assert.deepEqual(
      [study.sourceTrain, study.validation, study.target].map((set) => set?.classNames),
      [classes.train, classes.val, classes.test],
    );
    const { images } = study.target!;
    const found = [0, 1, 2].map((at) => [...images.subarray(at * 108, at * 108 + 3)]);
    assert.deepEqual(
      found.toSorted((a, b) => a[1]! - b[1]!),
      [2, 1, 6].map((at) => [4, inOrder[at - 1]! % 256, 200]).toSorted((a, b) => a[1]! - b[1]!),
    );
    for (const name of readdirSync(join(root, 'out/train/n00000001')))
      assert.match(name, /^n00000001000000\d\d\.png$/);
  });

  test("averages over areas as gcnc does to squares, and copies the files' bytes with --size 0", async (t) => {
    const root = await makeUp(t, { positions: [1] });
    const raw = Buffer.from(Array.from({ length: 25 * 25 * 3 }, (_, at) => (at * 7919 + (at >> 4)) % 256));
    const png = await sharp(raw, { raw: { width: 25, height: 25, channels: 3 } })
      .png()
      .toBuffer();
    writeFileSync(join(root, 'imagenet/n00000004', `n00000004_${inOrder[0]}.JPEG`), png);
    execFileSync(python, args(root, '--size', '7'));
    const made = await decodeImage(readFileSync(join(root, 'out/test/n00000004/n0000000400000001.png')));
    assert.deepEqual(
      [...made.pixels],
      [...averageSquare({ width: 25, height: 25, pixels: Uint8Array.from(raw) }, 7)],
    );
    const again = args(root, '--size', '0').with(3, join(root, 'copies'));
    execFileSync(python, again);
    assert.deepEqual(readFileSync(join(root, 'copies/test/n00000004/n0000000400000001.jpg')), png);
  });

  test('refuses folders that are not complete, classes in two lists and rows of another kind, in one line', async (t) => {
    assert.match(
      refusal(await makeUp(t, { positions: [8] })),
      /holds 7 images, and train.csv asks for number 8/,
    );
    const stray = await makeUp(t);
    writeFileSync(join(stray, 'imagenet/n00000001/other.JPEG'), '');
    assert.match(refusal(stray), /other.JPEG: expected n00000001_<number>.JPEG/);
    const twice = await makeUp(t);
    writeFileSync(join(twice, 'lists/val.csv'), 'filename,label\nn0000000100000001.jpg,n00000001\n');
    assert.match(refusal(twice), /n00000001 is in train.csv and in val.csv/);
    const odd = await makeUp(t);
    writeFileSync(join(odd, 'lists/val.csv'), 'filename,label\n../../x.jpg,n00000003\n');
    assert.match(refusal(odd), /expected a name such as n0153282900000005.jpg/);
  });
});
