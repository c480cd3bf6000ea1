import assert from 'node:assert/strict';
import { cpSync, mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { before, describe, it } from 'node:test';
import { imagesIn, root } from '../pipeline/small-run.ts';
import { gcnc, outputOf } from './in-process.ts';
import { trainSmall } from './train-small.ts';

const data = imagesIn('images.npz', { side: 32 });
const copy = join(root, 'copy.npz');
cpSync(data, copy);
const alike = imagesIn('alike.npz', { side: 32, names: 'CDXY', seed: 2 });
const others = imagesIn('others.npz', { side: 32, names: 'WXYZ', seed: 3 });
const run = join(root, 'run');
const few = ['--ways', '3', '--queries', '1', '--shots', '1', '--episodes', '5', '--readout', 'nearest-mean'];
const evaluate = ['eval', run, ...few];
const measure = ['measure', run, '--examples', '6'];
const embed = ['embed', run, '--out', join(root, 'e.npz')];

describe('a checkpoint that is asked about classes that its network was trained on', () => {
  before(async () => {
    await trainSmall(run, data);
  });

  const said = async (...args: string[]) => {
    const { status, stdout, stderr } = await gcnc([...args, '--json']);
    assert.equal(status, 0, stderr);
    return { record: JSON.parse(stdout), stderr };
  };

  for (const args of [evaluate, measure, embed]) {
    it(`${args[0]} counts them in a line and in JSON: other data with some of their names`, async () => {
      const { record, stderr } = await said(...args, '--data', alike);
      assert.equal(record.sharedClasses, 2);
      assert.match(
        stderr,
        /alike.npz, all: 2 of 4 classes \(C, D\) are called like classes that the network was trained on/,
      );
    });

    it(`${args[0]} counts them: all of its own data`, async () => {
      const { record, stderr } = await said(...args, '--split', 'all');
      assert.equal(record.sharedClasses, 4);
      assert.match(stderr, /images.npz, all: the network was trained on 4 of 4 classes \(A, B, C, \.\.\.\)/);
    });

    it(`${args[0]} says nothing of a source split and of others`, async () => {
      const own = await said(...args, '--split', 'sourceTrain');
      assert.deepEqual([own.record.sharedClasses, own.stderr], [4, '']);
      const other = await said(...args, '--data', others);
      assert.equal(other.record.sharedClasses, 0);
      assert.doesNotMatch(other.stderr, /trained on/);
    });
  }

  it('has no transfer scores, and the reason', async () => {
    const scores = async (...args: string[]) => (await said(...measure, ...args)).record.neuralCollapse;
    const some = await scores('--data', alike);
    assert.equal(some.logMe, null);
    assert.match(some.undefinedBecause.logMe, /^2 of 4 classes \(C, D\) are called like classes/);
    assert.equal((await scores('--data', copy)).logMe, null);
    assert.equal(typeof (await scores('--data', others)).logMe, 'number');
  });
});

describe('a checkpoint of classes without names', () => {
  const numbered = imagesIn('numbered.npz', { side: 32, named: false });
  const ofNumbers = join(root, 'of-numbers');
  before(async () => {
    await trainSmall(ofNumbers, numbered);
  });
  const ofSet = async (...args: string[]) => {
    const asked = ['measure', ofNumbers, '--examples', '6', '--json', ...args];
    const { status, stdout, stderr } = await gcnc(asked);
    assert.equal(status, 0, stderr);
    const { classesMatchedBy, sharedClasses } = JSON.parse(stdout);
    return { found: [classesMatchedBy, sharedClasses], stderr };
  };

  it('knows those of its own data', async () => {
    assert.deepEqual((await ofSet()).found, ['name', 4]);
  });

  it('matches those of other data by number, and says so', async () => {
    const { found, stderr } = await ofSet(
      '--data',
      imagesIn('more.npz', { side: 32, named: false, seed: 4 }),
    );
    assert.deepEqual(found, ['number', null]);
    assert.match(stderr, /more.npz, all: classes without names are matched to the network's by number/);
  });

  it('does not know whether named ones are among them', async () => {
    assert.deepEqual((await ofSet('--data', others)).found, [null, null]);
  });

  it('nor does one of named classes, of numbers', async () => {
    const { stdout } = await gcnc([...measure, '--data', numbered, '--json']);
    assert.equal(JSON.parse(stdout).sharedClasses, null);
  });
});

describe('the split that is taken where none is named', () => {
  const splitOf = async (args: readonly string[], name: string) =>
    JSON.parse(await outputOf([...args, '--data', name, '--json'])).split;

  it('is the same for every spelling of the same path', async () => {
    const spellings = [relative('.', data), join(root, '..', root.split('/').at(-1)!, 'images.npz')];
    for (const name of [data, ...spellings, `${root}/./images.npz`])
      assert.equal(await splitOf(measure, name), 'sourceTrain');
    assert.equal(await splitOf(measure, copy), 'all');
  });

  it('does not depend on folders that are called like known data sets', async (t) => {
    const folder = join(root, 'elsewhere');
    mkdirSync(join(folder, 'glyphs', 'A'), { recursive: true });
    const before = process.cwd();
    t.after(() => process.chdir(before));
    process.chdir(folder);
    assert.equal(await splitOf(embed, 'glyphs'), 'target');
  });
});
