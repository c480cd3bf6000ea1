import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { configText } from '../../src/config/config-file.ts';
import { expandSweep } from '../../src/config/expand.ts';
import { hashOfConfig } from '../../src/config/run-identity.ts';
import { type RunConfig, runConfigSchema, sweepFileSchema } from '../../src/config/schema.ts';
import { cachedEmbeddings, fedSha256 } from '../../src/fewshot/embedding-cache.ts';
import { writeNpz } from '../../src/formats/npz.ts';
import { makeNetwork, writtenOut } from '../../src/models/models.ts';
import { weightSpecs } from '../../src/models/weights.ts';
import { readRun } from '../../src/report/read-runs.ts';
import { formulaWeights, uniform } from '../models/formula.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-older-'));
after(() => rmSync(root, { recursive: true }));
const side = 224;

/** torchvision's VGG as a sweep of 2026-11-25 wrote it, and as this version does. */
const before = runConfigSchema.parse({
  model: { name: 'vgg13', width: 2, stem: 'imagenet', batchNorm: false },
});
const now: RunConfig = { ...before, model: writtenOut(before.model) };

const checkpointOf = async (config: RunConfig, name: string): Promise<string> => {
  const folder = join(root, name);
  const network = makeNetwork(config.model, [side, side, 3], 2);
  const weights = formulaWeights(weightSpecs(network));
  const state = {
    epoch: 0,
    step: 0,
    running: { loss: 0, correct: 0, examples: 0 },
    scheduled: true,
    final: true,
    metrics: { bytes: 0, sha256: '' },
    imageShape: [side, side, 3] as [number, number, number],
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    classNames: ['0', '1'],
    dataChecksum: null,
  };
  await writeCheckpoint(folder, { config, state, network, weights }, null);
  return folder;
};

const images = join(root, 'images.npz');
const count = 4;
const set = {
  images: Uint8Array.from(uniform('bytes', count * side * side * 3), (value) => (value + 1) * 127),
  labels: Int32Array.from([0, 1, 0, 1]),
};
writeNpz(images, {
  images: { shape: [count, side, side, 3], values: set.images },
  labels: { shape: [count], values: set.labels },
});

const gcnc = (...args: string[]) => {
  const main = resolve(import.meta.dirname, '../../src/cli/main.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', 'tsx', main, ...args], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return { stdout, stderr };
};

const warning =
  /was written by an older version, in which its embedding was the flattened features, which are the layer `flatten` now/;

describe("torchvision's VGG, whose embedding was the flattened features", () => {
  it('a checkpoint without its hidden layers written out is measured with a warning, one with them without', async () => {
    for (const [config, isOlder] of [
      [before, true],
      [now, false],
    ] as const) {
      const folder = await checkpointOf(config, `checkpoint-${isOlder}`);
      const out = join(root, `${isOlder}.npz`);
      const { stdout, stderr } = gcnc('embed', folder, '--data', images, '--out', out, '--json');
      assert.equal(warning.test(stderr), isOlder, stderr);
      const { layer, readBy, dimension } = JSON.parse(stdout);
      assert.deepEqual([layer, readBy, dimension], ['embedding', 'classifier.6', 128]);
    }
  });

  it('embeddings that an older version kept in its folder are not taken for the new ones', async () => {
    const folder = await checkpointOf(before, 'cached');
    const { files } = JSON.parse(readFileSync(join(folder, 'state.json'), 'utf8'));
    const fed = fedSha256(
      { ...set, height: side, width: side, channels: 3, classNames: ['0', '1'], name: 'images' },
      { mean: [0, 0, 0], std: [1, 1, 1] },
    );
    const key = {
      weights: files.weights,
      data: fed,
      split: 'all',
      precision: 'float32',
      layer: 'embedding',
    } as const;
    await cachedEmbeddings(folder, key, count, async () => ({
      values: new Float32Array(count * 784),
      dimension: 784,
    }));
    const args = [
      '--data',
      images,
      '--ways',
      '2',
      '--shots',
      '1',
      '--queries',
      '1',
      '--episodes',
      '3',
      '--json',
    ];
    const found = JSON.parse(gcnc('eval', folder, ...args).stdout);
    assert.equal(found.results[0].dimension, 128);
  });

  it("is another run than an older version's of the same file, and every other VGG is the same one", () => {
    const hashOf = (model: object): string => expandSweep(sweepFileSchema.parse({ model }))[0]!.hash;
    const torchvisions = { name: 'vgg13', width: 2, stem: 'imagenet', batchNorm: false };
    assert.equal(hashOf(torchvisions), hashOfConfig(now));
    assert.notEqual(hashOf(torchvisions), hashOfConfig(before));
    const plain = { name: 'vgg13', width: 2 };
    assert.equal(hashOf(plain), hashOfConfig(runConfigSchema.parse({ model: plain })));
    assert.equal(hashOf({ ...plain, hidden: [] }), hashOf(plain));
    assert.notEqual(hashOf({ ...plain, hidden: [512] }), hashOf(plain));
    assert.equal(hashOf({ ...plain, hidden: [512], dropout: 0.5 }), hashOf({ ...plain, hidden: [512] }));
    assert.notEqual(hashOf({ ...plain, hidden: [512], dropout: 0 }), hashOf({ ...plain, hidden: [512] }));
  });

  it("an older version's run is said to be one in reports", () => {
    for (const [config, isOlder] of [
      [before, true],
      [now, false],
    ] as const) {
      const folder = join(root, `s0-${hashOfConfig(config)}`);
      mkdirSync(folder);
      writeFileSync(join(folder, 'config.yaml'), configText(config));
      assert.equal(
        readRun(folder).problems.some((problem) =>
          /^written by an older version, in which its embedding/.test(problem),
        ),
        isOlder,
      );
    }
  });
});
