import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights, uniform } from '../models/formula.ts';

const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
const gcnc = (...args: string[]): string =>
  execFileSync(process.execPath, ['--import', 'tsx', main, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const root = mkdtempSync(join(tmpdir(), 'gcnc-imagenet-'));
after(() => rmSync(root, { recursive: true }));

const [examples, side, classes] = [6, 224, 3];
const images = join(root, 'images.npz');
writeNpz(images, {
  images: {
    shape: [examples, side, side, 3],
    values: Uint8Array.from(uniform('bytes', examples * side * side * 3), (value) => (value + 1) * 127),
  },
  labels: { shape: [examples], values: Int32Array.from({ length: examples }, (_, i) => i % classes) },
});

/** Sizes of the embedding and whether the classifier reads it: VGG has two hidden layers between. */
for (const [name, width, dimension, readsEmbedding] of [
  ['resnet18', 4, 32, true],
  ['resnet50', 2, 64, true],
  ['vgg13_bn', 2, 784, false],
] as const)
  describe(`an imported ${name} with the imagenet stem, on images of 224x224`, () => {
    const [model, suffix] = name.split('_');
    const config = runConfigSchema.parse({
      model: { name: model, width, stem: 'imagenet', batchNorm: suffix === 'bn' || model !== 'vgg13' },
    });
    const weights = formulaWeights(weightSpecs(makeNetwork(config.model, [side, side, 3], classes)));
    const file = join(root, `${name}.safetensors`);
    writeFileSync(
      file,
      encodeSafetensors(
        new Map([...weights].map(([key, { shape, values }]) => [key, float32Tensor(shape, values)])),
      ),
    );
    const checkpoint = join(root, name);

    it('is recognised by its weights', () => {
      const found = JSON.parse(gcnc('import', file, '--model', name, '--out', checkpoint, '--json'));
      assert.deepEqual(
        [found.model.stem, found.model.width, found.imageShape],
        ['imagenet', width, [224, 224, 3]],
      );
      assert.equal(found.normalization.name, 'imagenet');
    });

    it('is measured, and NC3 and NC4 are null where the classifier does not read the embedding', () => {
      const args = ['--data', images, '--probes', '1', '--json'];
      const { neuralCollapse, dimension: found, loss } = JSON.parse(gcnc('measure', checkpoint, ...args));
      assert.equal(found, dimension);
      assert.ok(loss > 0 && neuralCollapse.cdnv > 0);
      assert.equal(neuralCollapse.nc3SelfDuality !== null, readsEmbedding);
      assert.equal(neuralCollapse.nc4Disagreement !== null, readsEmbedding);
    });

    it('is evaluated', () => {
      const args = ['--ways', '2', '--shots', '1', '--queries', '1', '--episodes', '5', '--json'];
      const { results } = JSON.parse(gcnc('eval', checkpoint, '--data', images, ...args));
      assert.equal(results[0].shots, 1);
    });
  });
