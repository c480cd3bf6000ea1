import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork, modelNamed, modelNames, type NamedModel } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';

const width = 4;
const stems = ['cifar', 'imagenet'] as const;

for (const name of modelNames) {
  const { takes, firstConvolution, readOff } = modelNamed(name);
  const options = (takes.stem === undefined ? (['cifar'] as const) : stems).flatMap((stem) =>
    (takes.batchNorm === undefined ? [true] : [true, false]).map((batchNorm) => ({ stem, batchNorm })),
  );
  for (const { stem, batchNorm } of options)
    describe(`${name} with ${stem} stem and batchNorm ${batchNorm}`, () => {
      const model: NamedModel = { name, width, stem, batchNorm };
      const side = stem === 'imagenet' ? 224 : 32;
      const network = makeNetwork(model, [side, side, 3], 100);
      const specs = weightSpecs(network);

      it('names its first convolution', () => {
        assert.equal(specs.find(({ role }) => role === 'filter')!.name, firstConvolution);
      });

      it('is read off the shapes of its weights', () => {
        const stored = new Map(specs.map(({ name: each, shape }) => [each, { shape }]));
        const read = readOff(stored, stored.get(firstConvolution)!.shape);
        assert.deepEqual({ name, ...read }, model);
      });

      it('has initial weights that are finite, and linear layers as torchvision starts its family', () => {
        const weights = initialWeights(network, 0);
        for (const { values } of weights.values()) assert.ok(values.every(Number.isFinite));
        for (const { name: each, shape, role } of specs) {
          if (role !== 'matrix') continue;
          const { values } = weights.get(each)!;
          const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
          const expected = name.startsWith('vgg') ? 0.01 : 1 / Math.sqrt(3 * shape[1]!);
          assert.ok(Math.abs(deviation / expected - 1) < 0.15, `${each}: ${deviation}, expected ${expected}`);
        }
      });
    });
}
