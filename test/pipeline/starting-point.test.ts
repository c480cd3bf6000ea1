import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { writeCheckpoint } from '../../src/checkpoint/checkpoint.ts';
import { runConfigSchema } from '../../src/config/schema.ts';
import type { StudyData } from '../../src/data/image-set.ts';
import { initialWeights } from '../../src/models/initialise.ts';
import { makeNetwork } from '../../src/models/models.ts';
import { startingPoint } from '../../src/pipeline/starting-point.ts';
import { runPaths } from '../../src/runs/paths.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-start-'));
after(() => rmSync(root, { recursive: true }));
const namesOf = (classes: number, prefix: string) =>
  Array.from({ length: classes }, (_, c) => `${prefix}${c}`);
const vggOf = (hidden: readonly number[] | undefined, more: object = {}) =>
  runConfigSchema.parse({ model: { name: 'vgg11', width: 2, ...(hidden && { hidden }), ...more } });

/** Starts a run of other classes, or the same, from a checkpoint with hidden layers; the names of what is taken of it. */
const start = async (
  its: { readonly hidden?: readonly number[]; readonly classes: number },
  own: { readonly hidden?: readonly number[]; readonly classes: number; readonly same?: boolean },
): Promise<readonly string[]> => {
  const folder = mkdtempSync(join(root, 'case-'));
  const checkpoint = join(folder, 'checkpoint');
  const config = vggOf(its.hidden);
  const network = makeNetwork(config.model, [32, 32, 3], its.classes);
  const weights = initialWeights(network, 1);
  const state = {
    ...{ epoch: 1, step: 1, scheduled: true, final: true, dataChecksum: null, pathSquaredNorm: null },
    running: { loss: 0, correct: 0, examples: 0, gradientSquaredNorm: null },
    metrics: { bytes: 0, sha256: '' },
    imageShape: [32, 32, 3] as [number, number, number],
    normalization: { mean: [0, 0, 0], std: [1, 1, 1] },
    classNames: namesOf(its.classes, 'its'),
  };
  await writeCheckpoint(checkpoint, { config, state, network, weights }, null);
  mkdirSync(join(folder, 'run'));
  const run = vggOf(own.hidden, { weights: checkpoint });
  const classNames = namesOf(own.classes, own.same ? 'its' : 'own');
  const normalization = { mean: [0, 0, 0], std: [1, 1, 1] };
  const data = { sourceTrain: { classNames }, normalization, checksum: '' } as unknown as StudyData;
  const started = startingPoint(
    runPaths(join(folder, 'run')),
    run,
    makeNetwork(run.model, [32, 32, 3], own.classes),
    data,
  );
  return [...started.weights]
    .filter(([name, { values }]) => String(values) === String(weights.get(name)?.values))
    .map(([name]) => name)
    .filter((name) => name.startsWith('classifier'));
};

describe("a run takes a checkpoint's weights whole, or not at all", () => {
  it('of other classes, its hidden layers and not its classifier', async () => {
    const taken = await start({ hidden: [8, 8], classes: 3 }, { hidden: [8, 8], classes: 4 });
    assert.deepEqual(
      taken,
      [0, 3].flatMap((at) => [`classifier.${at}.weight`, `classifier.${at}.bias`]),
    );
  });

  it('of the same classes, its classifier too', async () => {
    const taken = await start({ hidden: [8], classes: 3 }, { hidden: [8], classes: 3, same: true });
    assert.equal(taken.length, 4);
  });

  it('refuses a run without its hidden layers, or with fewer', async () => {
    for (const hidden of [undefined, [], [8]])
      await assert.rejects(start({ hidden: [8, 8], classes: 3 }, { ...(hidden && { hidden }), classes: 4 }), {
        name: 'InputError',
        message:
          /^model\.weights: \S+ is a vgg11 .* whose classifier\.\d\.weight, .* the run has no place for; model\.hidden .* must be the same$/,
      });
  });

  it('takes no classifier as a hidden layer of the same size, nor the reverse', async () => {
    const refused = /^model\.weights: .*must be the same$/;
    await assert.rejects(
      start({ hidden: [8], classes: 8 }, { hidden: [8, 8], classes: 4 }),
      (error: Error) => error.name === 'InputError' && refused.test(error.message),
    );
    await assert.rejects(
      start({ hidden: [8, 8], classes: 8 }, { hidden: [8], classes: 8, same: true }),
      (error: Error) => error.name === 'InputError' && refused.test(error.message),
    );
  });
});
