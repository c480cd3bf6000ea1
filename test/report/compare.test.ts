import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { InputError } from '../../src/input-error.ts';
import { aggregate } from '../../src/report/aggregate.ts';
import { compareFolders, sortRows } from '../../src/report/compare.ts';
import { compareCsv, compareJson, compareMarkdown, compareText } from '../../src/report/compare-text.ts';
import { pooledPredictors } from '../../src/report/predictor-runs.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { withoutRepeated } from '../../src/report/repeated-runs.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-compare-'));
after(() => rmSync(parent, { recursive: true }));

/** Source GC of run i of a sweep is values[i], at all checkpoints and in all splits. */
const withGc =
  (values: readonly number[]): NonNullable<MadeSweep['change']> =>
  (records, run) =>
    JSON.parse(JSON.stringify(records).replace(/"value":[\d.]+/g, `"value":${values[run]}`));

const low = makeSweep(parent, 'low', {
  learningRates: [0.01],
  seeds: [0, 1, 2],
  change: withGc([50, 53, 59]),
});
const high = makeSweep(parent, 'high', {
  learningRates: [0.01, 0.1],
  seeds: [0, 1],
  change: withGc([50, 53, 20, 21]),
  states: { 3: { state: 'failed', reason: 'loss is NaN at step 3' } },
});

test('groups the runs of several sweeps by all but the seed; a shared run counts once', () => {
  const comparison = compareFolders([low, high]);
  assert.deepEqual(comparison.keys, ['training.learningRate']);
  assert.equal(comparison.repeated, 2);
  const { configurations, quantities } = JSON.parse(compareJson(comparison, comparison.rows));
  // An accuracy in JSON is from 0 to 1.
  assert.equal(quantities.find(({ id }: { id: string }) => id === 'sourceTestAccuracy').unit, 'share');
  assert.deepEqual(
    configurations.map((each: Record<string, unknown>) => [each.parameters, each.finished, each.seeds]),
    [
      [{ 'training.learningRate': 0.01 }, 3, [0, 1, 2]],
      [{ 'training.learningRate': 0.1 }, 1, [0]],
    ],
  );
  const [first, second] = configurations.map(
    (each: { values: Record<string, unknown> }) => each.values.sourceGc,
  );
  // SciPy: t(0.975, 2) * sd / sqrt(3) = 4.30265273 * 4.58257569 / 1.73205081 = 11.38374910.
  assert.equal(first.mean, 54);
  assert.equal(first.n, 3);
  assert.ok(
    Math.abs(first.ci95[0] - (54 - 11.3837491)) < 1e-6 && Math.abs(first.ci95[1] - (54 + 11.3837491)) < 1e-6,
  );
  assert.deepEqual(second, { mean: 20, n: 1, ci95: null });
});

test('of copies with other numbers the first that is done counts, in gcnc predict too, and it is said', () => {
  const made = (name: string, gc: number, accuracy: number) =>
    makeSweep(parent, name, {
      learningRates: [0.01],
      seeds: [0],
      change: (records) =>
        JSON.parse(
          JSON.stringify(withGc([gc])(records, 0)).replaceAll(/"accuracy":[\d.]+/g, `"accuracy":${accuracy}`),
        ),
    });
  const folders = [made('copy-first', 50, 0.5), made('copy-second', 51, 0.25)];
  const [gcOf, toldOf] = [
    (given: readonly string[]) => compareFolders(given).rows[0]!.means.get('sourceGc')!.mean,
    (given: readonly string[]) =>
      JSON.parse(compareJson(compareFolders(given), [])).problems.join('\n') as string,
  ];
  assert.deepEqual([gcOf(folders), gcOf(folders.toReversed())], [50, 51]);
  assert.match(
    toldOf(folders),
    /1 run with other numbers in other folders: the first folder's count \(sourceTrain\/accuracy is 0\.5 in .*copy-first.*, 0\.25 in .*copy-second/,
  );
  assert.doesNotMatch(toldOf([folders[0]!, folders[0]!]), /other numbers/);
  const pool = folders.map((folder) => aggregate(readSweep(folder)));
  const runs = pool.flatMap(({ finished }) => finished.map(({ run }) => run));
  assert.deepEqual(withoutRepeated(runs), [runs[0]]);
});

test('what one sweep writes out and another leaves to the same default is one configuration, and equal runs count once', () => {
  const spelt = (name: string, keys: Readonly<Record<string, unknown>>) =>
    makeSweep(parent, name, { learningRates: [0.01], seeds: [0, 1], config: () => keys });
  for (const [index, [absent, written]] of [
    [{}, { data: { split: 'glyphs' } }],
    [{}, { data: { imageSize: 32, channels: 3 } }],
    [{}, { measure: { directionalPairs: 2 } }],
    [{ data: { name: 'cifar-100' } }, { data: { name: 'cifar-100', split: 'cifar-fs', imageSize: 32 } }],
    [{ data: { name: 'mnist' } }, { data: { name: 'mnist', split: 'none', imageSize: 28 } }],
  ].entries()) {
    const folders = [spelt(`absent-${index}`, absent!), spelt(`written-${index}`, written!)];
    const { keys, rows, repeated } = compareFolders(folders);
    assert.deepEqual([keys, rows.length, repeated], [[], 1, 2], JSON.stringify(written));
    const pooled = pooledPredictors(
      folders.map((folder) => aggregate(readSweep(folder))),
      'fewshot_target_5way_5shot_logistic',
    );
    assert.deepEqual([pooled.configurations, pooled.runs], [1, 2], JSON.stringify(written));
  }
  for (const [index, other] of [
    { data: { split: 'none' } },
    { data: { imageSize: 28 } },
    { data: { name: 'mnist', channels: 3 } },
    { data: { name: 'mnist', imageSize: 32 } },
  ].entries()) {
    const plain = spelt(`plain-${index}`, other.data.name === undefined ? {} : { data: { name: 'mnist' } });
    const { keys, rows, repeated } = compareFolders([plain, spelt(`other-${index}`, other)]);
    assert.deepEqual([keys.length, rows.length, repeated], [1, 2, 0], JSON.stringify(other));
  }
});

test('compares single runs too, by the keys in which they differ', () => {
  const runs = readdirSync(high)
    .filter((name) => name.includes('seed=0'))
    .map((name) => join(high, name));
  const { keys, rows } = compareFolders(runs);
  assert.deepEqual(keys, ['training.learningRate']);
  assert.equal(rows.length, 2);
});

test('sorts by a key or a quantity, either way', () => {
  const comparison = compareFolders([low, high]);
  const ratesBy = (column: string, descending: boolean): unknown[] =>
    sortRows(comparison, column, descending).map(
      (row) => row.configuration.parameters['training.learningRate'],
    );
  assert.deepEqual(ratesBy('sourceGc', false), [0.1, 0.01]);
  assert.deepEqual(ratesBy('sourceGc', true), [0.01, 0.1]);
  assert.deepEqual(ratesBy('learningRate', true), [0.1, 0.01]);
  assert.throws(() => ratesBy('gc', true), InputError);
  assert.throws(
    () => ratesBy('gc', true),
    /--sort: no column gc; allowed are training.learningRate, .*targetCdnv/,
  );
});

test('text fits 100 columns; Markdown is one table; CSV keeps every digit', () => {
  const comparison = compareFolders([low, high]);
  const text = compareText(comparison, comparison.rows);
  for (const line of text.split('\n').slice(0, -4)) assert.ok(line.length <= 100, line);
  assert.match(text, /^learningRate {2}n .*source GC/m);
  assert.match(text, /^0\.01 +3\/3 .*54\.0 ±11\.4/m);
  assert.match(text, /^0\.1 +1\/2/m);
  assert.match(text, /2 runs are in several of the folders and count once/);
  const markdown = compareMarkdown(comparison, comparison.rows).split('\n');
  assert.match(markdown[0]!, /^\| learningRate \| n \| .* \|$/);
  assert.equal(new Set(markdown.slice(0, 4).map((line) => line.split('|').length)).size, 1);
  const [head, first] = compareCsv(comparison, comparison.rows).split('\r\n');
  const cell = (name: string): string => first!.split(',')[head!.split(',').indexOf(name)]!;
  assert.equal(cell('sourceGc'), '54');
  assert.ok(Math.abs(Number(cell('sourceGc_halfWidth95')) - 11.3837491) < 1e-6);
  assert.equal(cell('sourceGc_n'), '3');
});

test('a folder that holds no sweep is an input error', () => {
  assert.throws(() => compareFolders([parent]), InputError);
  assert.throws(() => compareFolders([join(parent, 'nowhere')]), /no such folder/);
});

test('runs of an earlier config that are in the folder are left out, and counted', () => {
  const earlier = makeSweep(parent, 'earlier', { learningRates: [0.01], seeds: [7] });
  const folder = makeSweep(parent, 'changed', { learningRates: [0.02], seeds: [0, 1] });
  const [name] = readdirSync(earlier).filter((each) => each.startsWith('learningRate='));
  cpSync(join(earlier, name!), join(folder, name!), { recursive: true });
  const comparison = compareFolders([folder, low]);
  assert.match(
    compareText(comparison, comparison.rows),
    /^! 1 runs of an earlier version of the sweep are in the folder: left out$/m,
  );
});

test('of one seed each the table has the run’s own intervals, and JSON has those over seeds alone', () => {
  const folder = makeSweep(parent, 'single', { learningRates: [0.01, 0.1], seeds: [0] });
  const comparison = compareFolders([folder]);
  const [{ values }] = JSON.parse(compareJson(comparison, comparison.rows)).configurations;
  assert.equal(values.sourceGc.ci95, null);
  const { ci95 } = comparison.results.finished[0]!.final.measures[0]!.geometricComplexity;
  const half = ((ci95![1] - ci95![0]) / 2).toFixed(2);
  const text = compareText(comparison, comparison.rows);
  assert.match(text, new RegExp(`^0\\.01 +1/1 .* \\d+\\.\\d+ ±${half.slice(0, -1)}`, 'm'));
  assert.match(text, /^±: half of the 95 % interval over examples, of few-shot accuracy over episodes; not/m);
  const seeds = compareText(compareFolders([low]), compareFolders([low]).rows);
  assert.match(seeds, /^mean ± half of the 95 % t-interval over seeds; n: finished runs of all$/m);
  for (const each of [text, seeds])
    assert.match(
      each,
      /^GC in squared .* input unit\nat the embedding, inference mode; GC of 512 examples, /m,
    );
});
