import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { outputOf } from '../cli/in-process.ts';
import { formulaWeights, uniform } from '../models/formula.ts';

const gcnc = (...args: string[]): Promise<string> => outputOf(args);
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

/** Sizes of the embedding, and the layer that reads it: VGG's is the second of two hidden layers. */
for (const [name, width, dimension, reader] of [
  ['resnet18', 4, 32, 'fc'],
  ['resnet50', 2, 64, 'fc'],
  ['vgg13_bn', 2, 128, 'classifier.6'],
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

    it('is recognised by its weights', async () => {
      const found = JSON.parse(await gcnc('import', file, '--model', name, '--out', checkpoint, '--json'));
      assert.deepEqual(
        [found.model.stem, found.model.width, found.imageShape],
        ['imagenet', width, [224, 224, 3]],
      );
      assert.equal(found.normalization.name, 'imagenet');
    });

    it('is measured on what its last linear layer reads, which the record names', async () => {
      const args = ['--data', images, '--probes', '1', '--json'];
      const record = JSON.parse(await gcnc('measure', checkpoint, ...args));
      const { neuralCollapse, dimension: found, loss, geometricComplexity } = record;
      assert.deepEqual([found, geometricComplexity.readBy], [dimension, reader]);
      assert.ok(loss > 0 && neuralCollapse.cdnv > 0);
      assert.notEqual(neuralCollapse.nc3SelfDuality, null);
      assert.notEqual(neuralCollapse.nc4Disagreement, null);
    });

    if (model === 'vgg13')
      it('has its flattened features as a layer of their own, without NC3 and NC4', async () => {
        const args = ['--data', images, '--probes', '1', '--layer', 'flatten', '--json'];
        const record = JSON.parse(await gcnc('measure', checkpoint, ...args));
        assert.deepEqual(
          [record.layer, record.dimension, record.geometricComplexity.readBy],
          ['flatten', 784, 'classifier.0'],
        );
        assert.equal(record.neuralCollapse.nc3SelfDuality, null);
      });

    it('is evaluated', async () => {
      const args = ['--ways', '2', '--shots', '1', '--queries', '1', '--episodes', '5', '--json'];
      const { results } = JSON.parse(await gcnc('eval', checkpoint, '--data', images, ...args));
      assert.equal(results[0].shots, 1);
    });
  });
