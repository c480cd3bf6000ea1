import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { writeNpz } from '../../src/formats/npz.ts';
import { outputOf } from './in-process.ts';
import { trainSmall } from './train-small.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-changed-data-'));
after(() => rmSync(root, { recursive: true }));
const data = join(root, 'images.npz');
const copy = join(root, 'copy.npz');
const run = join(root, 'run');

/** 3 classes of 20 images; `shift` makes them others. */
const writeImages = (path: string, shift: number): void =>
  writeNpz(path, {
    images: {
      shape: [60, 16, 16, 3],
      values: Uint8Array.from({ length: 60 * 16 * 16 * 3 }, (_, i) => (i * 7919 + shift * (i % 13)) % 256),
    },
    labels: { shape: [60], values: Int32Array.from({ length: 60 }, (_, i) => i % 3) },
  });

const split = ['--split', 'sourceTest'];
const whole = ['--split', 'all'];
const commands: readonly (readonly string[])[] = [
  ['measure', run, '--examples', '6', ...split],
  ['measure', run, '--examples', '6', ...whole],
  ['eval', run, '--ways', '3', '--queries', '1', '--shots', '1', '--episodes', '5', ...split],
  ['embed', run, '--out', join(root, 'e.npz'), ...split],
];

describe('a checkpoint that is asked about its own data', () => {
  before(async () => {
    writeImages(data, 0);
    writeImages(copy, 0);
    await trainSmall(run, data);
  });

  const matches = async (args: readonly string[]): Promise<unknown> =>
    JSON.parse(await outputOf([...args, '--json'])).dataMatchesTraining;
  const note = /^note: .*images\.npz is not the data that this network was trained on/m;

  for (const args of commands)
    it(`says whether it was trained on it: ${args[0]} ${args.at(-1)}`, async () => {
      writeImages(data, 0);
      assert.equal(await matches(args), true);
      writeImages(data, 1);
      assert.equal(await matches(args), false);
      assert.match(await outputOf(args), note);
    });

  it('has CDNV inside the batches of its training on its own training images, and there alone', async () => {
    const collapseOf = async (...args: readonly string[]) =>
      JSON.parse(await outputOf(['measure', run, '--examples', '6', '--json', ...args])).neuralCollapse;
    writeImages(data, 0);
    const lines = readFileSync(join(run, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const { measures } = lines.map((line) => JSON.parse(line)).findLast((line) => 'measures' in line);
    const trained = measures.find((each: { split: string }) => each.split === 'sourceTrain').neuralCollapse;
    assert.ok(trained.cdnvInBatch > 0);
    const own = await collapseOf('--split', 'sourceTrain');
    assert.ok(Math.abs(own.cdnvInBatch / trained.cdnvInBatch - 1) < 1e-5);
    const test = await collapseOf('--split', 'sourceTest');
    assert.equal(test.cdnvInBatch, null);
    assert.match(test.undefinedBecause.cdnvInBatch, /not known to be training images/);
    writeImages(data, 1);
    assert.equal((await collapseOf('--split', 'sourceTrain')).cdnvInBatch, null);
  });

  it('says so of the images whose mean --centre base takes, where other data is asked about', async () => {
    const few = ['--ways', '3', '--queries', '1', '--shots', '1', '--episodes', '5'];
    const plain = ['eval', run, '--data', copy, ...few];
    const args = [...plain, '--centre', 'base'];
    const base = async (asked = args) => JSON.parse(await outputOf([...asked, '--json'])).baseMatchesTraining;
    writeImages(data, 0);
    assert.equal(await base(), true);
    assert.doesNotMatch(await outputOf(args), /^note/m);
    writeImages(data, 1);
    assert.equal(await base(), false);
    assert.match(
      await outputOf(args),
      /^note: .*images\.npz, whose mean --centre base takes, is not the data that this network was trained on/m,
    );
    assert.equal(await base(plain), null);
  });

  it('says nothing where nothing has changed, nor of other data, which --data names', async () => {
    const [args] = commands;
    writeImages(data, 0);
    assert.doesNotMatch(await outputOf(args!), /^note/m);
    assert.equal(await matches([...args!, '--data', copy]), null);
  });
});
