import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openDataSource } from '../../src/data/sources.ts';
import { readNpz, writeNpz } from '../../src/formats/npz.ts';
import { outputOf } from '../cli/in-process.ts';

/** fixtures/trained.py: PyTorch trained it, and PyTorch and NumPy in float64 say what is to be found. */
const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));
const wanted = JSON.parse(readFileSync(fixture('trained.json'), 'utf8')) as {
  readonly test: { readonly accuracy: number; readonly loss: number };
  readonly measured: number;
  readonly geometricComplexity: number;
  readonly cdnv: number;
  readonly nc1: number;
  readonly embedding: readonly number[];
};

const gcnc = (...args: string[]): Promise<string> => outputOf(args);

const near = (found: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(
    Math.abs(found - expected) <= tolerance * Math.abs(expected),
    `${what}: ${found}, not ${expected}`,
  );

// The images are Debian's dataset-fashion-mnist, which .ci/run installs.
if (existsSync('/usr/share/datasets/fashion-mnist') || process.env.CI)
  describe('a ResNet-18 that PyTorch trained on Fashion-MNIST, imported', () => {
    const root = mkdtempSync(join(tmpdir(), 'gcnc-trained-'));
    after(() => rmSync(root, { recursive: true }));
    const checkpoint = join(root, 'checkpoint');
    const few = join(root, 'few.npz');
    before(async () => {
      const { images, labels, classNames, height, width, channels } = await openDataSource('fashion-mnist', {
        dataFolder: root,
      }).load('test');
      writeNpz(few, {
        images: {
          shape: [wanted.measured, height, width, channels],
          values: images.subarray(0, wanted.measured * height * width * channels),
        },
        labels: { shape: [wanted.measured], values: labels.subarray(0, wanted.measured) },
        class_names: { shape: [classNames.length], values: classNames },
      });
      const names = join(root, 'names.txt');
      writeFileSync(names, `${classNames.join('\n')}\n`);
      const options = ['--image-size', '28', '--normalization', 'fashion-mnist', '--class-names', names];
      await gcnc(
        'import',
        fixture('trained.safetensors'),
        '--model',
        'resnet18',
        '--out',
        checkpoint,
        ...options,
      );
    });

    it("has PyTorch's loss and accuracy on the 10,000 test images", async () => {
      const args = [
        '--data',
        'fashion-mnist',
        '--split',
        'test',
        '--examples',
        '20',
        '--probes',
        '1',
        '--json',
      ];
      const found = JSON.parse(await gcnc('measure', checkpoint, ...args));
      assert.equal(found.examples, 10_000);
      near(found.loss, wanted.test.loss, 1e-4, 'loss');
      // Float32 may decide one image in ten thousand the other way.
      assert.ok(Math.abs(found.accuracy - wanted.test.accuracy) < 1.5e-4, `accuracy ${found.accuracy}`);
    });

    it("has PyTorch's exact geometric complexity, CDNV and NC1 to 1e-3", async () => {
      const found = JSON.parse(
        await gcnc('measure', checkpoint, '--data', few, '--estimator', 'exact', '--json'),
      );
      near(found.geometricComplexity.value, wanted.geometricComplexity, 1e-3, 'geometric complexity');
      near(found.neuralCollapse.cdnv, wanted.cdnv, 1e-3, 'CDNV');
      near(found.neuralCollapse.nc1, wanted.nc1, 1e-3, 'NC1');
    });

    it("has PyTorch's embeddings to 1e-4, and few-shot accuracy far above chance", async () => {
      const file = join(root, 'embeddings.npz');
      await gcnc('embed', checkpoint, '--data', few, '--out', file);
      const { values } = readNpz(file).get('embeddings')!;
      const difference = Math.hypot(...wanted.embedding.map((value, at) => Number(values[at]) - value));
      assert.ok(difference < 1e-4 * Math.hypot(...wanted.embedding), `${difference} off`);
      const args = ['--ways', '5', '--shots', '1', '--queries', '5', '--episodes', '200', '--json'];
      const { results, chance } = JSON.parse(await gcnc('eval', file, ...args)) as {
        readonly results: readonly { readonly accuracy: number }[];
        readonly chance: number;
      };
      assert.equal(chance, 0.2);
      for (const { accuracy } of results) assert.ok(accuracy > 0.5, `accuracy ${accuracy}`);
    });
  });
