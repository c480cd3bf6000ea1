import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { dispose, fromArray, readFloats } from '../../src/backend/tensor.ts';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { type ImportRequest, importWeights } from '../../src/checkpoint/import-weights.ts';
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
