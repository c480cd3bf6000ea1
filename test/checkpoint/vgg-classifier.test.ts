import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import { encodeSafetensors, float32Tensor } from '../../src/formats/safetensors.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { formulaWeights } from '../models/formula.ts';
import { modelOf } from '../models/networks.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-vgg-'));
after(() => rmSync(root, { recursive: true }));
const weights = formulaWeights(weightSpecs(makeNetwork(modelOf('vgg13-hidden'), [32, 32, 3], 7)));
let made = 0;

/** Imports VGG-13 with hidden layers of 24 and 16 values, its tensors renamed. */
async function imported(rename: (name: string) => string, batchNormEpsilon?: number) {
  const [path, folder] = [join(root, `${made}.safetensors`), join(root, `out-${made++}`)];
  const tensors = [...weights].map(
    ([name, { shape, values }]) => [rename(name), float32Tensor(shape, values)] as const,
  );
  writeFileSync(path, encodeSafetensors(new Map(tensors)));
  const result = await importWeights(path, folder, { model: 'vgg13', given: {}, batchNormEpsilon });
  return { ...result, checkpoint: readCheckpoint(folder) };
}

const numbered = (numbers: readonly number[]) => (name: string) =>
  name.replace(/^classifier\.(\d)/, (_, number: string) => `classifier.${numbers[Number(number) / 3]}`);

describe("a VGG's hidden layers are read off its weights", () => {
  for (const [whose, numbers] of [
    ["torchvision's numbers", [0, 3, 6]],
    ['dropout before the first two linear layers', [1, 4, 6]],
    ['no dropout', [0, 2, 4]],
  ] as const)
    it(`with ${whose}: ${numbers.join(', ')}`, async () => {
      const { model, imageShape, classes, renamed, checkpoint } = await imported(numbered(numbers));
      assert.deepEqual(model.hidden, [24, 16]);
      assert.deepEqual([model.stem, imageShape, classes], ['cifar', [32, 32, 3], 7]);
      assert.equal(renamed.length, numbers[1] === 3 ? 0 : 1);
      for (const [name, { values }] of checkpoint.weights)
        assert.deepEqual(values, weights.get(name)!.values, name);
    });

  it('is refused where two linear layers have nothing between them', async () => {
    await assert.rejects(
      imported(numbered([0, 1, 3])),
      /classifier.0 and classifier.1 are linear layers without a ReLU between them/,
    );
  });
});

it('weights without batch norm refuse an epsilon of it', async () => {
  await assert.rejects(
    imported((name) => name, 1e-3),
    /--batch-norm-epsilon 0\.001: the weights have no batch norm; leave it out$/,
  );
});
