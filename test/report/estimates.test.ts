import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { aggregate } from '../../src/report/aggregate.ts';
import { compareFolders } from '../../src/report/compare.ts';
import { compareJson, compareMarkdown, compareText } from '../../src/report/compare-text.ts';
import { conclusionOf } from '../../src/report/conclusion.ts';
import { finalFigures } from '../../src/report/figures/final-values.ts';
import { seriesStyle } from '../../src/report/figures/series-style.ts';
import { answers } from '../../src/report/html/answers.ts';
import { meaning } from '../../src/report/html/meaning.ts';
import { resultsTables } from '../../src/report/html/run-tables.ts';
import { meanColumn } from '../../src/report/number-text.ts';
import { predictorsOf } from '../../src/report/predictor-runs.ts';
import { problemsOf } from '../../src/report/problems.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { type Trend, trendsOf, type Verdict } from '../../src/report/trends.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-estimates-'));
after(() => rmSync(parent, { recursive: true }));

const made = (name: string, rest: Partial<MadeSweep>): string =>
  makeSweep(parent, name, { learningRates: [0.01, 0.1], seeds: [0, 1, 2], epochs: 2, ...rest });
const read = (folder: string) => aggregate(readSweep(folder));
const changed =
  (run: number, from: RegExp, to: string): NonNullable<MadeSweep['change']> =>
  (records, at) =>
    at === run ? JSON.parse(JSON.stringify(records).replace(from, to)) : records;

const oneWithout = made('one-without', { change: changed(4, /"cdnv":[\d.]+/g, '"cdnv":null') });

describe('an estimate of fewer seeds than its row has says of how many', () => {
  test('on the terminal, in the page, in gcnc compare', () => {
    const results = read(oneWithout);
    assert.match(summaryText(results, { terminal: false, coloured: false }), /±[\d.]+ \(n 2\)/);
    assert.match(resultsTables(results).markup, /±[\d.]+ \(n 2\)/);
    const comparison = compareFolders([oneWithout]);
    for (const text of [
      compareText(comparison, comparison.rows),
      compareMarkdown(comparison, comparison.rows),
    ])
      assert.match(text, /±[\d.]+ \(n 2\)/);
    assert.doesNotMatch(
      summaryText(read(made('whole', {})), { terminal: false, coloured: false }),
      /\(n \d\)/,
    );
  });

  test('final figures and movements say over how many seeds they are', () => {
    const results = read(
      made('counts', { states: { 5: { state: 'failed', reason: 'loss is NaN at step 9' } } }),
    );
    const caption = finalFigures(results, seriesStyle(results)).find(
      ({ id }) => id === 'final-sourceGc',
    )!.caption;
    assert.match(caption, /^Mean over 2 to 3 seeds /);
    const moved = answers(results).markup;
    assert.match(moved, /from [\d.]+ ±[\d.]+ to [\d.]+ ±[\d.]+/);
    assert.match(moved, /means of 2 to 3 seeds, ± half of the 95 % interval/);
    assert.match(
      summaryText(results, { terminal: false, coloured: false }),
      /source GC fell: [\d.]+ ±[\d.]+ -> [\d.]+ ±/,
    );
  });
});

test('gcnc compare says what a reader must know before the numbers, as the report does', () => {
  const comparison = compareFolders([oneWithout]);
  const [problem] = problemsOf(comparison.results);
  assert.match(problem!, /^source CDNV: NaN or undefined in 1 of 6 runs/);
  assert.ok(compareText(comparison, comparison.rows).includes(`\n! ${problem}`));
  assert.ok(compareMarkdown(comparison, comparison.rows).includes(`! ${problem}`));
  assert.deepEqual(
    JSON.parse(compareJson(comparison, comparison.rows)).problems,
    problemsOf(comparison.results),
  );
});

test('no number that is not 0 reads as 0: neither a small value beside a large one nor a small half-width', () => {
  const of = (mean: number, halfWidth: number | null = null) => ({ mean, n: 3, halfWidth });
  assert.deepEqual(meanColumn([of(2.31), of(0.0004)], 1), ['2.3100', '0.0004']);
  assert.deepEqual(meanColumn([of(85.31, 0.04), of(80, 1.2)], 1), ['85.3 ±0.04', '80.0 ±1.2 ']);
  assert.deepEqual(meanColumn([of(2.31), of(3e-9)], 1), ['2.31e+0', '3.00e-9']);
  assert.deepEqual(meanColumn([of(2.31, 0), of(0)], 1), ['2.31 ±0.00', '0.00      ']);
});

test('runs that were measured in several ways are named with their number, not all like the first', () => {
  const mixed = read(
    made('mixed', { change: changed(4, /"precision":"float32"/g, '"precision":"bfloat16"') }),
  );
  const text = meaning(mixed).markup;
  assert.match(text, /float32 \(5 runs\); .*bfloat16 \(1 run\)/);
  assert.doesNotMatch(meaning(read(oneWithout)).markup, /\(6 runs\)/);
});

describe('swept keys that go together', () => {
  const rates = [0.01, 0.02, 0.05, 0.1];
  const sweep = (name: string, config: (run: number) => Record<string, unknown>) =>
    problemsOf(read(made(name, { learningRates: rates, seeds: [0, 1], config }))).filter((each) =>
      each.includes('is not told from what'),
    );
  const training = (run: number, batchSize: number) => ({
    training: { learningRate: rates[Math.floor(run / 2)], epochs: 2, batchSize },
  });

  test('are named: a number in step with the rate, a model that differs with it', () => {
    assert.deepEqual(
      sweep('zipped', (run) => training(run, 32 * 2 ** Math.floor(run / 2))),
      [
        'learningRate and batchSize go together over 4 configurations (100 % of the variance of ranks): what one does is not told from what the other does',
      ],
    );
    // Ranks 1, 2 and 3, 4: group means 1.5 and 3.5, so 4 of 5 of the sum of squares.
    const [found] = sweep('models', (run) => ({
      model: { name: run < 4 ? 'resnet18' : 'resnet34', width: 16 },
    }));
    assert.match(found!, /^learningRate and name go together over 4 configurations \(80 %/);
  });

  test('are named where the other key is a number in some configurations only', () => {
    const perClass = [20, 50, 100, undefined];
    assert.deepEqual(
      sweep('images', (run) => ({ data: { perClass: perClass[Math.floor(run / 2)] } })),
      [
        'learningRate and perClass go together over 3 configurations (100 % of the variance of ranks): what one does is not told from what the other does',
      ],
    );
  });

  test('are named where the other key is a list that each configuration has alone', () => {
    const milestones = (run: number, of: readonly (readonly number[])[]) => ({
      training: {
        ...{ learningRate: rates[Math.floor(run / 2)]!, epochs: 2 },
        schedule: { name: 'step', milestones: of[Math.floor(run / 2)]! },
      },
    });
    const lists = [[0.5], [0.6], [0.7], [0.5, 0.7]];
    assert.deepEqual(
      sweep('milestones', (run) => milestones(run, lists)),
      [
        'each configuration has its own milestones: what learningRate does is not told from what milestones does',
      ],
    );
    // Ranks 1, 4 and 2, 3: no variance lies between the groups.
    assert.deepEqual(
      sweep('crossed', (run) => milestones(run, [[0.5], [0.6], [0.6], [0.5]])),
      [],
    );
  });

  test('are not those of a grid', () => {
    assert.deepEqual(
      sweep('grid', (run) => training(run, run % 2 === 0 ? 32 : 64)),
      [],
    );
  });
});

test('networks that are measured in several ways are no more networks: neither configurations nor seeds', () => {
  const learningRates = [0.01, 0.05, 0.1];
  const folder = makeSweep(parent, 'ways', {
    ...{ learningRates: learningRates.flatMap((rate) => [rate, rate]), seeds: [0, 1], epochs: 2 },
    config: (run) => ({ measure: { examples: run % 4 < 2 ? 512 : 64 } }),
  });
  const results = read(folder);
  assert.equal(results.configurations.length, 6);
  const once = read(made('one-way', { learningRates, seeds: [0, 1] }));
  const [ways, way] = [results, once].map(
    (each) => trendsOf(each).find(({ toId }) => toId === 'targetCdnv')!,
  );
  assert.deepEqual([ways!.configurations, ways!.runs, ways!.verdict], [3, 6, 'too-few']);
  assert.deepEqual(ways!.withinConfigurations, way!.withinConfigurations);
  assert.deepEqual(ways!.overMeans, way!.overMeans);
  const tables = [results, once].map((each) => predictorsOf(each)!);
  assert.deepEqual(
    tables.map((table) => [table.configurations, table.runs]),
    [
      [3, 6],
      [3, 6],
    ],
  );
});

test('a chain without one of its links is not called consistent in every link', () => {
  const link = (from: string, to: string) =>
    ({ verdict: 'consistent', from, to, fromId: from, toId: to, configurations: 6 }) as Trend;
  const whole = [link('rate', 'sourceGc'), link('sourceGc', 'targetCdnv'), link('targetCdnv', 'fewshot')];
  assert.equal(conclusionOf(whole).rest, ' in every link of the chain, over 6 configurations.');
  const notEvaluated = conclusionOf(whole.slice(0, 2));
  assert.equal(notEvaluated.verdict, 'consistent');
  assert.equal(
    notEvaluated.rest,
    ' in the links that there are, rate → sourceGc; sourceGc → targetCdnv, over 6 configurations.',
  );
});

test('a chain of which nothing could be tested is not said to be like chance', () => {
  const link = (verdict: Verdict) => ({ verdict, from: 'a', to: 'b', configurations: 5 }) as Trend;
  const { verdict, rest } = conclusionOf([link('constant'), link('too-few')]);
  assert.equal(verdict, 'undecided');
  assert.match(rest, /no link of the chain could be tested/);
  assert.match(conclusionOf([link('constant'), link('undecided')]).rest, /differs from chance/);
});
