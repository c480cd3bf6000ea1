import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { aggregate } from '../../src/report/aggregate.ts';
import { compareFolders } from '../../src/report/compare.ts';
import { compareText } from '../../src/report/compare-text.ts';
import { longTables } from '../../src/report/export/long-tables.ts';
import { configTables } from '../../src/report/html/run-tables.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { findRuns } from '../../src/report/run-list/find-runs.ts';
import { listRuns, variedKeys } from '../../src/report/run-list/list-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-aggregate-'));
after(() => rmSync(parent, { recursive: true }));

/** Seeds of each configuration, by the sweep's name. */
function seedsOf(name: string, made: Partial<MadeSweep>) {
  const folder = makeSweep(parent, name, {
    learningRates: [0.01, 0.1],
    seeds: [0, 1, 2],
    epochs: 2,
    ...made,
  });
  const results = aggregate(readSweep(folder));
  return {
    folder,
    keys: results.variedKeys,
    seeds: results.configurations.map(({ finished }) => finished.map(({ seed }) => seed)),
  };
}
const together = [
  [0, 1, 2],
  [0, 1, 2],
];

describe('seeds of one configuration are together, and are no new configurations,', () => {
  test('where some of the configs name a key at the default that the others leave out', () => {
    const { folder, keys, seeds } = seedsOf('defaults', {
      config: (run) => (run % 3 === 1 ? { fewshot: { shots: [5], disjoint: false, C: 1 } } : {}),
    });
    assert.deepEqual(keys, ['training.learningRate']);
    assert.deepEqual(seeds, together);
    assert.deepEqual(variedKeys(listRuns(findRuns([folder]).runs).runs), ['training.learningRate']);
    const { runs } = longTables(readSweep(folder));
    assert.deepEqual([...new Set(runs.map((row) => row['config.fewshot.disjoint']))], [false]);
  });

  test('where some of the configs say what their paths held', () => {
    const { folder, keys, seeds } = seedsOf('contents', {
      config: () => ({ data: { name: '/data/birds' } }),
      changeConfig: (config, run) =>
        run % 3 === 1 ? { ...config, contents: { '/data/birds': 'a1' } } : config,
    });
    assert.deepEqual(keys, ['training.learningRate']);
    assert.deepEqual(seeds, together);
    assert.deepEqual(variedKeys(listRuns(findRuns([folder]).runs).runs), ['training.learningRate']);
  });

  test('where the same data lies in two places', () => {
    const path = (run: number): string => (run % 3 === 1 ? '/mnt/birds' : '/data/birds');
    const { keys, seeds } = seedsOf('places', {
      config: (run) => ({ data: { name: path(run) } }),
      changeConfig: (config, run) => ({ ...config, contents: { [path(run)]: 'a1' } }),
    });
    assert.deepEqual(keys, ['training.learningRate']);
    assert.deepEqual(seeds, together);
  });
});

test('what differs stays apart: a key at another value, a path that held something else', () => {
  const strides = seedsOf('strides', {
    config: (run) =>
      run % 3 === 1
        ? { model: { name: 'resnet50', width: 16, strides: 'v1' } }
        : { model: { name: 'resnet50', width: 16 } },
  });
  assert.deepEqual(strides.keys, ['training.learningRate', 'model.strides']);
  assert.deepEqual(strides.seeds, [[0, 2], [1], [0, 2], [1]]);
  const changed = seedsOf('changed', {
    config: () => ({ data: { name: '/data/birds' } }),
    changeConfig: (config, run) => ({ ...config, contents: { '/data/birds': run % 3 === 1 ? 'a1' : 'b2' } }),
  });
  assert.deepEqual(changed.keys, ['training.learningRate', 'contents./data/birds']);
  assert.deepEqual(changed.seeds, [[0, 2], [1], [0, 2], [1]]);
});

test('a run is under-trained by the best run on its own data', () => {
  const accuracy =
    (value: number): NonNullable<MadeSweep['change']> =>
    (records) =>
      JSON.parse(JSON.stringify(records).replace(/"accuracy":[\d.]+/g, `"accuracy":${value}`));
  const folders = [
    ['glyphs', 0.99],
    ['cifar-100', 0.8],
  ].map(([name, value]) =>
    makeSweep(parent, `of-${name}`, {
      ...{ learningRates: [0.01], seeds: [0, 1], epochs: 2, change: accuracy(value as number) },
      config: () => ({ data: { name } }),
    }),
  );
  const { results } = compareFolders(folders);
  assert.deepEqual(
    results.finished.map(({ underTrained }) => underTrained),
    [null, null, null, null],
  );
});

test('a swept mapping varies by the keys that it holds', () => {
  const folder = makeSweep(parent, 'mapping', {
    ...{ learningRates: [0.1], seeds: [0, 1], epochs: 2 },
    config: (run) => ({ data: { jitter: { brightness: run === 0 ? 0.1 : 0.2 } } }),
  });
  const path = join(folder, 'sweep.yaml');
  const plan = parse(readFileSync(path, 'utf8'));
  plan.runs.forEach((run: { parameters: object }, at: number) => {
    run.parameters =
      at === 0 ? { 'data.jitter': { brightness: 0.1 } } : { 'data.jitter': { brightness: 0.2 } };
  });
  writeFileSync(path, stringify(plan));
  const { variedKeys, configurations } = aggregate(readSweep(folder));
  assert.deepEqual(variedKeys, ['data.jitter.brightness']);
  assert.deepEqual(
    configurations.map(({ parameters }) => parameters['data.jitter.brightness']),
    [0.1, 0.2],
  );
});

test('a key of a run that has not started is unknown where its sweep does not give it, never its default', () => {
  const folder = makeSweep(parent, 'unknown', {
    ...{ learningRates: [0.01, 0.1], seeds: [0], epochs: 2, states: { 1: { state: 'pending' } } },
    config: () => ({ training: { learningRate: 0.01, l2: 0.3 } }),
  });
  const path = join(folder, 'sweep.yaml');
  const plan = parse(readFileSync(path, 'utf8'));
  plan.runs[0].parameters = { 'training.l2': 0.3, seed: 0 };
  plan.runs.push({ folder: 'l2=0.2-seed=0', parameters: { 'training.l2': 0.2, seed: 0 } });
  writeFileSync(path, stringify(plan));
  const results = aggregate(readSweep(folder));
  assert.deepEqual(
    results.configurations.map(({ label }) => label),
    ['l2 0.3, learningRate 0.01', 'l2 unknown, learningRate 0.1', 'l2 0.2, learningRate unknown'],
  );
  const comparison = compareFolders([folder]);
  const shown = [
    summaryText(results, { terminal: false, coloured: false }),
    compareText(comparison, comparison.rows),
    configTables(results).markup,
  ];
  for (const text of shown) {
    assert.doesNotMatch(text, /default/);
    assert.match(text, /–/);
  }
});
