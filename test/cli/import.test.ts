import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { resizeAndCrop } from '../../src/data/resize.ts';
import { diagnostics } from '../../src/diagnostics.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { openCheckpoint, openCheckpointSet } from '../../src/on-request/checkpoint-set.ts';
import { cifar100Names } from '../data/cifar100-names.ts';
import { writeCifar100 } from '../data/small-sets.ts';
import { gcnc, outputOf, refusalOf } from './in-process.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-import-'));
after(() => rmSync(root, { recursive: true }));
const weights = (name: string) =>
  fileURLToPath(new URL(`../checkpoint/fixtures/public/${name}`, import.meta.url));
const torchFile = (name: string) =>
  fileURLToPath(new URL(`../formats/fixtures/torch/${name}`, import.meta.url));

describe('gcnc import', () => {
  it('says in one line what it found, renamed and left out', async () => {
    const out = join(root, 'said');
    const line = await outputOf([
      'import',
      weights('transformers-resnet10.safetensors'),
      '--model',
      'resnet10',
      '--headless',
      '--out',
      out,
    ]);
    assert.equal(
      line,
      `${out}: resnet10, width 4, imagenet stem, batch norm, no classes; images 224x224x3, image files from 256, normalised as imagenet; transformers' ResNet became torchvision's names; left out: fc.bias, fc.weight; no classifier: loss, accuracy, NC3 and NC4 are not measured\n`,
    );
  });

  it('takes strides, and keeps them in the checkpoint’s config', async () => {
    const out = join(root, 'v1');
    const args = ['--model', 'resnet50', '--image-size', '32', '--out', out, '--json'];
    const { model, renamed } = JSON.parse(
      await outputOf(['import', weights('resnet50-v1.safetensors'), '--strides', 'v1', ...args]),
    );
    assert.equal(model.strides, 'v1');
    assert.deepEqual(renamed, []);
  });

  it('shows image files of an ImageNet network as torchvision evaluates, or as --resize says', async () => {
    const folder = join(root, 'photos');
    const pixels = Buffer.from(
      Uint8Array.from({ length: 300 * 260 * 3 }, (_, i) => (i * 31 + (i % 17)) % 256),
    );
    for (const name of ['cat', 'dog']) {
      mkdirSync(join(folder, name), { recursive: true });
      const raw = { width: 300, height: 260, channels: 3 } as const;
      await sharp(pixels, { raw })
        .png()
        .toFile(join(folder, name, 'a.png'));
    }
    const picture = { width: 300, height: 260, pixels: new Uint8Array(pixels) };
    const shown = async (name: string, ...args: string[]) => {
      const out = join(root, name);
      const source = weights('transformers-resnet10.safetensors');
      await outputOf(['import', source, '--model', 'resnet10', '--headless', '--out', out, ...args]);
      const { set, shownFrom } = await openCheckpointSet(openCheckpoint(out), { data: folder }, {}, 'all');
      return { first: set.images.slice(0, 224 * 224 * 3), shownFrom };
    };
    assert.deepEqual(await shown('usual'), { first: resizeAndCrop(picture, 256, 224), shownFrom: '256' });
    assert.deepEqual(await shown('wider', '--resize', '236'), {
      first: resizeAndCrop(picture, 236, 224),
      shownFrom: '236',
    });
    await assert.rejects(shown('small', '--resize', '200'), /--resize 200: less than the 224 pixels/);
  });

  const images = join(root, 'images.npz');
  const arrays = {
    images: {
      shape: [40, 32, 32, 3],
      values: Uint8Array.from({ length: 40 * 32 * 32 * 3 }, (_, i) => (i * 7919 + (i % 13)) % 256),
    },
    labels: { shape: [40], values: Int32Array.from({ length: 40 }, (_, i) => i % 5) },
  };
  writeNpz(images, arrays);
  const measured = async (folder: string, ...args: string[]) => {
    const asked = ['measure', folder, '--data', images, '--examples', '4', ...args];
    const { status, stdout, stderr } = await gcnc(asked);
    assert.equal(status, 0, stderr);
    return { stdout, stderr };
  };
  const importedWith = async (name: string, ...args: string[]): Promise<string> => {
    const folder = join(root, name);
    const source = weights('resnet50-v1.safetensors');
    await outputOf(['import', source, '--model', 'resnet50', '--image-size', '32', '--out', folder, ...args]);
    return folder;
  };

  it('without class names: numbered classes are matched by number, which the output says, and not taken for those of training', async () => {
    const folder = await importedWith('unnamed');
    const { stdout, stderr } = await measured(folder, '--json');
    const record = JSON.parse(stdout);
    assert.deepEqual([record.classesMatchedBy, record.sharedClasses], ['number', null]);
    assert.equal(typeof record.accuracy, 'number');
    assert.match(
      record.neuralCollapse.undefinedBecause.logMe,
      /^classes without names are matched to the network's by number, and may be those/,
    );
    assert.match(stderr, /images.npz, all: classes without names are matched to the network's by number/);
    assert.match(
      (await measured(folder)).stdout,
      /^ {2}classes .*balanced; matched to the classifier's by number/m,
    );
  });

  it('with class names: by name where the data have them too', async () => {
    const names = join(root, 'names.txt');
    writeFileSync(names, 'a\nb\nc\nd\ne\n');
    const named = join(root, 'named.npz');
    const class_names = { shape: [5], values: ['a', 'b', 'c', 'd', 'e'] };
    writeNpz(named, { ...arrays, class_names });
    const folder = await importedWith('named', '--class-names', names);
    const { stdout, stderr } = await measured(folder, '--data', named, '--json');
    const record = JSON.parse(stdout);
    assert.deepEqual([record.classesMatchedBy, record.sharedClasses], ['name', 5]);
    assert.match(stderr, /5 of 5 classes \(a, b, c, \.\.\.\) are called like classes/);
  });

  it('shows images of another size as targets of a study are shown, and says so', async (t) => {
    const checkpoint = openCheckpoint(await importedWith('resized'));
    const lines = t.mock.method(diagnostics, 'warn', () => {});
    const small = join(root, 'small.npz');
    const values = Uint8Array.from({ length: 10 * 20 * 16 * 3 }, (_, i) => (i * 31) % 256);
    const labels = { shape: [10], values: Int32Array.from({ length: 10 }, (_, i) => i % 2) };
    writeNpz(small, { images: { shape: [10, 20, 16, 3], values }, labels });
    const { set, shownFrom } = await openCheckpointSet(checkpoint, { data: small }, {}, 'all');
    const picture = { height: 20, width: 16, pixels: values.subarray(0, 20 * 16 * 3) };
    assert.deepEqual(set.images.subarray(0, 32 * 32 * 3), resizeAndCrop(picture, 32, 32));
    assert.equal(shownFrom, '20x16');
    assert.match(
      String(lines.mock.calls[0]!.arguments[0]),
      /small.npz: images of 20x16 are resized to the 32x32 of /,
    );
  });

  it('takes a named data set of another size than its own', async (t) => {
    t.mock.method(diagnostics, 'warn', () => {});
    writeCifar100(root, cifar100Names);
    const out = join(root, 'at-16');
    const source = weights('resnet50-v1.safetensors');
    await outputOf(['import', source, '--model', 'resnet50', '--image-size', '16', '--out', out]);
    const asked = { data: 'cifar-100', split: 'target' };
    const found = await openCheckpointSet(openCheckpoint(out), asked, { GCNC_DATA_DIR: root }, 'all');
    assert.deepEqual([found.set.height, found.shownFrom], [16, '32x32']);
    assert.equal(found.set.classNames.length, 20);
  });

  for (const [what, args, message] of [
    ['strides of another name', ['--strides', 'v2'], /--strides.*v2.*v1, v1\.5/],
    ['another order of colours', ['--channel-order', 'gbr'], /--channel-order.*gbr.*rgb, bgr/],
    ['a state dict of a format without', ['--state-dict', 'model'], /--state-dict model: .*leave it out/],
    ['a prefix that is not there', ['--prefix', 'encoder_q'], /--prefix encoder_q\.: no name starts so/],
    [
      'constants of pixels from 0 to 255',
      ['--normalization', '123.675,116.28,103.53:58.395,57.12,57.375'],
      /means lie from 0 to 1 .*divide those of pixels from 0 to 255 by 255/,
    ],
    [
      'deviations alone of pixels from 0 to 255',
      ['--normalization', '0.485,0.456,0.406:58.395,57.12,57.375'],
      /divide those of pixels from 0 to 255 by 255/,
    ],
    [
      'a mean left out',
      ['--normalization', '0.485,,0.406:0.229,0.224,0.225'],
      /allowed are .* one mean and std/,
    ],
    ['three lists', ['--normalization', '0.5:0.25:0.1'], /allowed are .* one mean and std/],
    ['a name that objects have', ['--normalization', 'constructor'], /allowed are imagenet/],
    ['Python’s True', ['model.batchNorm=True'], /model\.batchNorm=True: model\.batchNorm is true or false/],
  ] as const)
    it(`refuses ${what} in one line, and writes nothing`, async () => {
      const out = join(root, 'refused');
      const said = await refusalOf([
        'import',
        weights('resnet50-v1.safetensors'),
        '--model',
        'resnet50',
        '--out',
        out,
        ...args,
      ]);
      assert.match(said, message);
      assert.ok(!existsSync(out));
    });

  it('refuses several state dicts with their keys', async () => {
    const said = await refusalOf([
      'import',
      torchFile('several.pt'),
      '--model',
      'resnet18',
      '--out',
      join(root, 'none'),
    ]);
    assert.match(said, /holds several state dicts: model, model_ema; choose one with --state-dict$/m);
  });
});
