import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { readCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { importWeights } from '../../src/checkpoint/import-weights.ts';
import {
  decodeSafetensors,
  encodeSafetensors,
  float32Tensor,
  type StoredTensor,
} from '../../src/formats/safetensors.ts';

/** Saved by PyTorch: see fixtures. */
const saved = fileURLToPath(new URL('./fixtures/resnet18.safetensors', import.meta.url));
const root = mkdtempSync(join(tmpdir(), 'gcnc-names-'));
after(() => rmSync(root, { recursive: true }));
let made = 0;

/** Imports the fixture with its tensors renamed or replaced. */
async function imported(
  change: (name: string, tensor: StoredTensor) => [string, StoredTensor] | null,
  options = {},
) {
  const [path, folder] = [join(root, `${made}.safetensors`), join(root, `out-${made++}`)];
  const stored = decodeSafetensors(readFileSync(saved), saved);
  const changed = [...stored].map(([name, tensor]) => change(name, tensor)).filter((each) => each !== null);
  writeFileSync(path, encodeSafetensors(new Map(changed)));
  const result = await importWeights(path, folder, {
    model: 'resnet18',
    given: {},
    imageSize: 16,
    ...options,
  });
  return { ...result, checkpoint: readCheckpoint(folder) };
}
const plain = imported((name, tensor) => [name, tensor]);

describe("names that are not torchvision's", () => {
  for (const prefix of ['module.', 'model.', '_orig_mod.module.', 'backbone.'])
    it(`the prefix ${prefix} is cut, and said to be`, async () => {
      const { checkpoint, renamed } = await imported((name, tensor) => [`${prefix}${name}`, tensor]);
      assert.deepEqual(checkpoint.weights, (await plain).checkpoint.weights);
      assert.equal(renamed.length, prefix.split('.').length - 1);
    });

  it("kuangliu's shortcut and linear are torchvision's downsample and fc", async () => {
    const { checkpoint, renamed } = await imported((name, tensor) => [
      name.replace('.downsample.', '.shortcut.').replace(/^fc\./, 'linear.'),
      tensor,
    ]);
    assert.deepEqual(checkpoint.weights, (await plain).checkpoint.weights);
    assert.equal(renamed.length, 2);
  });

  it("torchvision's own names stay, and nothing is said", async () => {
    assert.deepEqual((await plain).renamed, []);
  });
});

describe('weights without a classifier', () => {
  it('are a checkpoint whose classifier matches no data', async () => {
    const { checkpoint, classes } = await imported((name, tensor) =>
      name.startsWith('fc.') ? null : [name, tensor],
    );
    assert.equal(classes, null);
    assert.deepEqual(checkpoint.state.classNames, ['no classifier']);
    assert.deepEqual(
      checkpoint.weights.get('conv1.weight'),
      (await plain).checkpoint.weights.get('conv1.weight'),
    );
  });
});

describe('batch norm', () => {
  it('another epsilon moves the running variances, so that the same function comes out', async () => {
    const epsilon = 1e-3;
    const { checkpoint } = await imported((name, tensor) => [name, tensor], { batchNormEpsilon: epsilon });
    const [ours, theirs] = [checkpoint, (await plain).checkpoint].map(
      ({ weights }) => weights.get('bn1.running_var')!.values,
    );
    for (const [channel, variance] of ours!.entries())
      assert.ok(Math.abs(variance + 1e-5 - (theirs![channel]! + epsilon)) <= 2 ** -23 * variance);
  });

  it('a negative running variance is refused by its name', async () => {
    await assert.rejects(
      imported((name, tensor) => [
        name,
        name === 'layer2.0.bn1.running_var'
          ? float32Tensor(tensor.shape, new Float32Array(8).fill(-0.5))
          : tensor,
      ]),
      /layer2\.0\.bn1\.running_var holds a negative variance, which no training gives$/,
    );
  });
});

describe("PyTorch's own files", () => {
  for (const [kind, head, message] of [
    ['a damaged zip archive', 'PK\x03\x04\x14\x00\x00\x00', /weights\.pth: is no zip file, or is truncated$/],
    [
      'a pickle from before PyTorch 1.6',
      '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46',
      /weights\.pth: a PyTorch pickle of before 1\.6, not a zip file; in Python: /,
    ],
  ] as const)
    it(`${kind} is refused by what it is`, async () => {
      const path = join(root, 'weights.pth');
      writeFileSync(path, Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(100)]));
      await assert.rejects(
        importWeights(path, join(root, 'none'), { model: 'resnet18', given: {} }),
        message,
      );
    });
});
