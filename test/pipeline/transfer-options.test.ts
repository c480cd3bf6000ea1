import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { runConfigSchema } from '../../src/config/schema.ts';
import { evaluate } from '../../src/fewshot/eval-record.ts';
import { checkpointInput } from '../../src/on-request/checkpoint-input.ts';
import { runOne } from '../../src/pipeline/run-one.ts';

const root = mkdtempSync(join(tmpdir(), 'gcnc-transfer-'));
after(() => rmSync(root, { recursive: true }));

const settings = {
  shots: [1, 2],
  queries: 3,
  seed: 5,
  centre: 'base',
  normalize: true,
  alpha: 0.5,
  k: 2,
  metric: 'cosine',
  readouts: ['logistic', 'ridge', 'knn', 'cosine'],
} as const;

const lastRecord = async (name: string, fewshot: object, measure: object = {}) => {
  const folder = join(root, name);
  mkdirSync(folder);
  const config = runConfigSchema.parse({
    data: { imageSize: 16, perClass: 6 },
    model: { name: 'resnet10', width: 4 },
    training: { epochs: 1, batchSize: 48, checkpointEvery: { epochs: 1 } },
    measure: { examples: 24, ...measure },
    fewshot: { ...settings, ...fewshot },
  });
  const hooks = { stopRequested: () => false, onProgress: () => {}, environment: {} };
  assert.equal(await runOne(folder, config, hooks), 'done');
  const last = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n').at(-1)!;
  return { folder, fewshot: JSON.parse(last).fewshot };
};

const onRequest = async (
  folder: string,
  {
    copies,
    C,
    ...asked
  }: { copies: number; C: 'auto' | number; ways: number | 'all'; episodes: number; disjoint: boolean },
) => {
  const input = await checkpointInput(
    folder,
    {
      layer: 'embedding',
      precision: 'float32',
      markTest: false,
      baseMean: true,
      validation: C === 'auto',
      copies,
      seed: 5,
    },
    {},
  );
  const { shots, queries, seed, readouts, normalize, alpha, k, metric } = settings;
  return evaluate(
    { ...input, layer: 'embedding' },
    {
      ...{ shots, queries, seed, readouts, ...asked },
      features: { centre: input.baseMean!, normalize },
      readoutOptions: { C, alpha, k, metric },
    },
  ).record.results;
};

type Result = Readonly<Record<'shots' | 'readout' | 'accuracy' | 'ci95' | 'regularization', unknown>>;
const numbers = (results: readonly Result[]) =>
  results.map(({ shots, readout, accuracy, ci95, regularization = null }) => ({
    ...{ shots, readout, accuracy, ci95, regularization },
  }));

describe('the few-shot keys of a run', () => {
  it('give what gcnc eval gives with the options of the same names', async () => {
    const asked = { ways: 'all', episodes: 4, C: 'auto' } as const;
    const { folder, fewshot } = await lastRecord('all', { ...asked, augmentedSupports: 2 });
    assert.deepEqual(
      [fewshot.augmentedSupports, fewshot.features, fewshot.disjoint],
      [2, { centre: 'base', normalize: true }, undefined],
    );
    const own = await onRequest(folder, { ...asked, copies: 2, disjoint: false });
    assert.equal(fewshot.ways, own[0]!.ways);
    assert.equal(own[0]!.ways, own[0]!.classes);
    assert.deepEqual(numbers(fewshot.results), numbers(own as readonly Result[]));
  });

  it('are the same where collapse is measured on fewer images', async () => {
    const asked = { ways: 2, episodes: 50, disjoint: true, C: 10 } as const;
    const { folder, fewshot } = await lastRecord('disjoint', asked, { collapseExamples: 4 });
    const own = await onRequest(folder, { ...asked, copies: 0 });
    assert.equal(fewshot.disjoint, true);
    assert.equal(own[0]!.disjoint, true);
    assert.equal(fewshot.episodes, own[0]!.n);
    assert.deepEqual(numbers(fewshot.results), numbers(own as readonly Result[]));
  });
});

it('a config that names none of the new keys is the config of before, so that its hash stays', () => {
  assert.deepEqual(Object.keys(runConfigSchema.parse({}).fewshot), [
    ...['ways', 'shots', 'queries', 'episodes', 'readouts', 'split', 'seed'],
  ]);
});
