import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { classifierName, readerOf } from '../../src/models/classifier.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import {
  makeNetwork,
  meantBefore,
  modelNamed,
  modelNames,
  type NamedModel,
  writtenOut,
} from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';

const width = 4;
const stems = ['cifar', 'imagenet'] as const;

for (const name of modelNames) {
  const { takes, firstConvolution, readOff } = modelNamed(name);
  const plain = (takes.stem === undefined ? (['cifar'] as const) : stems).flatMap((stem) =>
    (takes.batchNorm === undefined ? [true] : [true, false]).map((batchNorm) => ({ stem, batchNorm })),
  );
  const withHidden = plain.flatMap((each) => [
    { ...each, hidden: [40, 30], side: each.stem === 'imagenet' ? 224 : 64 },
    { ...each, hidden: [48], side: each.stem === 'imagenet' ? 224 : 32 },
  ]);
  const options: readonly {
    stem: 'cifar' | 'imagenet';
    batchNorm: boolean;
    hidden?: number[];
    side?: number;
  }[] = takes.hidden === undefined ? plain : [...plain, ...withHidden];
  for (const { stem, batchNorm, hidden, side = stem === 'imagenet' ? 224 : 32 } of options)
    describe(`${name} with ${stem} stem, batchNorm ${batchNorm} and hidden layers ${hidden ?? 'as it has'}`, () => {
      const given: NamedModel = { name, width, stem, batchNorm };
      const model: NamedModel = writtenOut(hidden === undefined ? given : { ...given, hidden });
      const network = makeNetwork(model, [side, side, 3], 100);
      const specs = weightSpecs(network);

      it('names its first convolution', () => {
        assert.equal(specs.find(({ role }) => role === 'filter')!.name, firstConvolution);
      });

      it('is read off the shapes of its weights', () => {
        const stored = new Map(specs.map(({ name: each, shape }) => [each, { shape }]));
        const read = readOff(stored, stored.get(firstConvolution)!.shape);
        assert.deepEqual({ name, ...read }, model);
        assert.ok([null, side, undefined].includes(modelNamed(name).sideOf?.(stored, model)));
      });

      it('has as its embedding what the last linear layer reads', () => {
        const { inputs } = network.nodes[network.outputs.logits!]!;
        assert.equal(network.outputs.embedding, inputs[0]);
        assert.equal(readerOf(network, 'embedding'), classifierName(network));
      });

      it('has initial weights that are finite, and linear layers as torchvision starts its family', () => {
        const weights = initialWeights(network, 0);
        for (const { values } of weights.values()) assert.ok(values.every(Number.isFinite));
        for (const { name: each, shape, role } of specs) {
          if (role !== 'matrix') continue;
          const { values } = weights.get(each)!;
          const deviation = Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / values.length);
          const isNormal = name.startsWith('vgg') && (hidden === undefined || stem === 'imagenet');
          const expected = isNormal ? 0.01 : 1 / Math.sqrt(3 * shape[1]!);
          assert.ok(Math.abs(deviation / expected - 1) < 0.15, `${each}: ${deviation}, expected ${expected}`);
        }
      });
    });
}

describe("VGG's hidden layers", () => {
  const vgg: NamedModel = { name: 'vgg13', width, stem: 'cifar', batchNorm: false };
  const namesOf = (model: NamedModel, side: number): string[] =>
    weightSpecs(makeNetwork(model, [side, side, 3], 10))
      .filter(({ role }) => role === 'matrix')
      .map(({ name, shape }) => `${name} ${shape.join('x')}`);

  it('stand at any image size, under the numbers of torchvision', () => {
    assert.deepEqual(namesOf({ ...vgg, hidden: [24, 16] }, 96), [
      'classifier.0.weight 24x288',
      'classifier.3.weight 16x24',
      'classifier.6.weight 10x16',
    ]);
    assert.deepEqual(namesOf({ ...vgg, hidden: [24] }, 32), [
      'classifier.0.weight 24x32',
      'classifier.3.weight 10x24',
    ]);
    assert.deepEqual(namesOf({ ...vgg, hidden: [] }, 32), ['classifier.weight 10x32']);
    assert.deepEqual(namesOf({ ...vgg, stem: 'imagenet' }, 224), [
      'classifier.0.weight 256x1568',
      'classifier.3.weight 256x256',
      'classifier.6.weight 10x256',
    ]);
  });

  it('leave the flattened features as a named layer, which is the embedding where there are none', () => {
    const with2 = makeNetwork({ ...vgg, hidden: [24, 16] }, [32, 32, 3], 10);
    assert.deepEqual(with2.shapes[with2.outputs.flatten!], [32]);
    assert.deepEqual(with2.shapes[with2.outputs.embedding!], [16]);
    const { outputs } = makeNetwork(vgg, [32, 32, 3], 10);
    assert.equal(outputs.embedding, outputs.flatten);
  });

  it('have dropout of a half where no share is given, and none with a share of 0', () => {
    const shares = (model: NamedModel): number[] =>
      makeNetwork(model, [32, 32, 3], 10).nodes.flatMap(({ layer }) =>
        layer.kind === 'dropout' ? [layer.share] : [],
      );
    assert.deepEqual(shares({ ...vgg, hidden: [24, 16] }), [0.5, 0.5]);
    assert.deepEqual(shares({ ...vgg, hidden: [24, 16], dropout: 0.1 }), [0.1, 0.1]);
    assert.deepEqual(shares({ ...vgg, hidden: [24, 16], dropout: 0 }), []);
  });

  it('are refused where they cannot be', () => {
    const made = (model: object) => () => makeNetwork({ ...vgg, ...model }, [224, 224, 3], 10);
    assert.throws(
      made({ stem: 'imagenet', hidden: [] }),
      /model.hidden \[\]: the imagenet stem has hidden layers/,
    );
    assert.throws(made({ dropout: 0.5 }), /model.dropout 0.5: it is of hidden layers, and there are none/);
  });

  it("of torchvision's form are written into a run's config; one without them is of an older version", () => {
    const torchvisions: NamedModel = { ...vgg, stem: 'imagenet' };
    assert.deepEqual(writtenOut(torchvisions), { ...torchvisions, hidden: [256, 256] });
    assert.match(meantBefore(torchvisions)!, /its embedding was the flattened features/);
    for (const model of [writtenOut(torchvisions), vgg, { ...vgg, hidden: [24] }])
      assert.equal(meantBefore(model), null);
  });
});
