import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dispose, fromArray, readFloats } from '../../src/backend/tensor.ts';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { type ImportRequest, importWeights } from '../../src/checkpoint/import-weights.ts';
import { encodeSafetensors } from '../../src/formats/safetensors.ts';
import { readTorchFile } from '../../src/formats/torch-file.ts';
import { forward } from '../../src/models/forward.ts';
import { inferenceModel } from '../../src/models/inference-model.ts';
import { formulaImages } from '../models/formula.ts';

// fixtures/public.py wrote the files with torch.onnx, onnx, timm and transformers, and PyTorch's embeddings in float64.
const fixture = (name: string) => fileURLToPath(new URL(`fixtures/public/${name}`, import.meta.url));
interface Expected {
  readonly side: number;
  readonly embedding: readonly number[];
  readonly model: string;
  readonly classes: number | null;
  readonly strides?: 'v1';
}
const expected: Readonly<Record<string, Expected>> = JSON.parse(
  readFileSync(fixture('expected.json'), 'utf8'),
);
const root = mkdtempSync(join(tmpdir(), 'gcnc-public-'));
after(() => rmSync(root, { recursive: true }));

const imported = async (name: string, request: Partial<ImportRequest> = {}) => {
  const { side: imageSize, model, strides } = expected[name]!;
  const folder = mkdtempSync(join(root, 'out-'));
  const given = strides !== undefined && !name.endsWith('.onnx') ? { strides } : {};
  const result = await importWeights(fixture(name), join(folder, 'c'), {
    model,
    given,
    imageSize,
    ...request,
  });
  return { ...result, checkpoint: readCheckpoint(join(folder, 'c')) };
};

/** Relative distance of the checkpoint's embeddings of the formula's images from PyTorch's. */
const distance = (checkpoint: ReturnType<typeof readCheckpoint>, { side, embedding }: Expected): number => {
  const { network, weights } = checkpoint;
  const inference = inferenceModel(network, weights, 'float32');
  const image = fromArray(formulaImages(3, [side, side, 3]), [3, side, side, 3]);
  const [output] = forward(inference.network, image, inference.pass, ['embedding']);
  const found = readFloats(output!);
  assert.equal(found.length, embedding.length);
  dispose(output, image);
  inference.dispose();
  return Math.hypot(...embedding.map((value, i) => value - found[i]!)) / Math.hypot(...embedding);
};

for (const [name, each] of Object.entries(expected))
  describe(name, () => {
    it("is imported, and has PyTorch's embeddings in float64 to 1e-5", async () => {
      const { classes, checkpoint } = await imported(name);
      assert.equal(classes, each.classes);
      const apart = distance(checkpoint, each);
      assert.ok(apart < 1e-5, `${apart}`);
    });
  });

describe('what an ONNX graph tells', () => {
  it('is the strides of a bottleneck, and another word is refused', async () => {
    const { model } = await imported('resnet50-v1.onnx');
    assert.equal(model.strides, 'v1');
    await assert.rejects(
      imported('resnet50-v1.onnx', { given: { strides: 'v1.5' } }),
      /--strides v1\.5: the operations of its graph are those of v1$/,
    );
  });

  it('is the epsilon of each batch norm, and another word is refused', async () => {
    await assert.rejects(
      imported('resnet10-epsilon.onnx', { batchNormEpsilon: 1e-3 }),
      /--batch-norm-epsilon 0\.001: its graph tells the epsilon; leave it out$/,
    );
  });

  it('is the side of the images', async () => {
    const { imageShape } = await imported('resnet10-kept.onnx', { imageSize: undefined });
    assert.deepEqual(imageShape, [64, 64, 3]);
  });

  it('is where it is no such network, by the first layer that differs', async () => {
    await assert.rejects(
      imported('resnet10-folded.onnx', { model: 'resnet18' }),
      /its graph is not resnet18's; at layer1\.1\.conv1, a 3x3 convolution of 2 to 2 channels with stride 1 and padding 1 is due, Conv \[4,2,3,3\], Conv \[4,2,1,1\] is there$/,
    );
    await assert.rejects(
      imported('vgg11.onnx', { model: 'vgg13' }),
      /not vgg13's; at features\.2, .* MaxPool \[2,2\] is there$/,
    );
    await assert.rejects(
      imported('vgg11.onnx', { model: 'vgg11_bn' }),
      /--model vgg11_bn has batch norm, and these weights have none$/,
    );
  });

  it('is a head that is not the network’s, which is left out', async () => {
    const { classes, renamed, model } = await imported('vgg11-hidden.onnx', { imageSize: 32 });
    assert.deepEqual([classes, model.hidden], [null, undefined]);
    assert.match(
      renamed.join('; '),
      /what follows the features is not the classifier of vgg11, and was left out$/,
    );
  });
});

describe('the same weights in another format', () => {
  it('give the same checkpoint, byte for byte', async () => {
    const name = 'timm-resnet10.pth.tar';
    const path = join(root, 'same.safetensors');
    writeFileSync(path, encodeSafetensors(readTorchFile(fixture(name))));
    const bytes = async (from: string, to: string): Promise<Buffer> => {
      await importWeights(from, join(root, to), { model: 'resnet10', given: {}, imageSize: 64 });
      return readFileSync(join(root, to, 'weights.safetensors'));
    };
    assert.deepEqual(await bytes(fixture(name), 'as-pth'), await bytes(path, 'as-safetensors'));
  });
});

describe('strides that a file cannot tell', () => {
  it('give other embeddings: v1 has to be said', async () => {
    const name = 'resnet50-v1.safetensors';
    const { checkpoint } = await imported(name, { given: {} });
    assert.ok(distance(checkpoint, expected[name]!) > 0.01);
  });

  it('are refused for networks without bottlenecks', async () => {
    await assert.rejects(
      imported('timm-resnet10.pth.tar', { given: { strides: 'v1' } }),
      /model\.strides is v1, and resnet10 takes none; others are for resnet50$/,
    );
  });
});
