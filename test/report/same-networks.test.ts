import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { aggregate, type Results } from '../../src/report/aggregate.ts';
import { compareFolders } from '../../src/report/compare.ts';
import { endsName } from '../../src/report/moment.ts';
import { directionOf, movementsOf } from '../../src/report/movements.ts';
import { pooledPredictors, predictorsOf } from '../../src/report/predictor-runs.ts';
import { problemsOf, problemsOfPool } from '../../src/report/problems.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { summaryText } from '../../src/report/summary.ts';
import { numericKeys, trendsOf } from '../../src/report/trends.ts';
import { type MadeSweep, makeSweep } from './sweep-folder.ts';

const parent = mkdtempSync(join(tmpdir(), 'gcnc-same-networks-'));
after(() => rmSync(parent, { recursive: true }));

const resultsOf = (name: string, made: MadeSweep): Results =>
  aggregate(readSweep(makeSweep(parent, name, { epochs: 2, ...made })));
const rates = (count: number): readonly number[] => Array.from({ length: count }, () => 0.1);

describe('a batch larger than the training set', () => {
  const batchSizes = [16, 64, 256, 512, 1024];
  const results = resultsOf('batches', {
    ...{ learningRates: rates(5), seeds: [0] },
    config: (run) => ({ training: { learningRate: 0.1, epochs: 2, batchSize: batchSizes[run]! } }),
    change: (records, run) =>
      run < 2 ? records : records.map((record) => ({ ...record, step: record.epoch })),
  });

  test('trains the network of the other such batches, and counts once with them', () => {
    assert.deepEqual(
      results.configurations.map(({ trainedAs }) => trainedAs),
      [0, 1, 2, 2, 2],
    );
    const [swept] = trendsOf(results);
    assert.equal(swept!.configurations, 3);
  });

  test('is told of', () =>
    assert.deepEqual(
      problemsOf(results).filter((line) => line.includes('all training images')),
      [512, 1024].map(
        (size) =>
          `batchSize ${size}: trains the network of batchSize 256, as its batch holds all training images; the two count once`,
      ),
    ));

  test('ends after other numbers of steps, which the chain names', () => {
    assert.equal(endsName(results), "the runs' ends (2 to 200 steps)");
    const text = summaryText(results, { terminal: false, coloured: false });
    assert.match(text, /The chain, the runs' ends \(2 to 200 steps\):/);
    assert.equal(endsName(resultsOf('equal', { learningRates: [0.1, 0.2], seeds: [0] })), 'equal steps');
  });

  test('counts once where measures rank accuracy, too', () =>
    assert.equal(predictorsOf(results)!.configurations, 3));
});

describe('checkpoints after other steps', () => {
  const sweepOf = (name: string, learningRates: readonly number[], every: (run: number) => number): Results =>
    resultsOf(name, {
      ...{ learningRates, seeds: [0, 1] },
      config: (run) => ({
        training: {
          ...{ learningRate: learningRates[Math.floor(run / 2)]!, epochs: 2 },
          checkpointEvery: { steps: every(run) },
        },
      }),
    });
  const count = (results: Results) => {
    const links = trendsOf(results).find(({ toId }) => toId === 'targetCdnv')!;
    const table = predictorsOf(results)!;
    return [links.configurations, links.runs, table.configurations, table.runs];
  };

  test('are of the same networks, which a report counts once', () => {
    const grid = sweepOf('grid', [0.1, 0.1, 0.2, 0.2, 0.3], (run) => (run % 4 < 2 ? 10 : 20));
    assert.equal(grid.configurations.length, 5);
    assert.deepEqual(count(grid), [3, 6, 3, 6]);
  });

  test('add nothing to a pool of sweeps', () => {
    const pool = [10, 20].map((steps) => sweepOf(`every-${steps}`, [0.1, 0.2, 0.3], () => steps));
    const { configurations, runs } = pooledPredictors(pool, 'fewshot_target_5way_5shot_logistic');
    assert.deepEqual([configurations, runs], [3, 6]);
  });

  test('do not make one network of two: an empty mapping switches on what has defaults', () => {
    const cropped = resultsOf('resized-crop', {
      ...{ learningRates: rates(2), seeds: [0] },
      config: (run) => ({ data: run === 1 ? { resizedCrop: {} } : {} }),
    });
    assert.equal(predictorsOf(cropped)!.configurations, 2);
  });
});

describe('several networks in one sweep', () => {
  const sweepOf = (name: string, learningRates: readonly number[], widths: readonly number[]) =>
    problemsOf(
      resultsOf(name, {
        ...{ learningRates, seeds: [0] },
        config: (run) => ({
          training: { learningRate: learningRates[run]!, epochs: 2 },
          model: { width: widths[run]! },
        }),
      }),
    ).filter((line) => line.includes('networks'));

  test('are told of where another key varies too', () =>
    assert.deepEqual(sweepOf('widths', [0.1, 0.2, 0.3, 0.4], [4, 8, 4, 8]), [
      'runs of 2 networks (width 4; width 8): a correlation over them may be one between the networks',
    ]));

  test('are what is asked about where nothing else varies', () =>
    assert.deepEqual(sweepOf('width', [0.1, 0.1, 0.1], [4, 8, 16]), []));
});

test('runs that are pooled are told of where one measure was taken in two ways', () => {
  const pool = [5, 20].map((collapseExamples) =>
    resultsOf(`collapse-${collapseExamples}`, {
      ...{ learningRates: [0.1, 0.2], seeds: [0] },
      config: (run) => ({
        training: { learningRate: [0.1, 0.2][run]!, epochs: 2 },
        measure: { collapseExamples },
      }),
    }),
  );
  const told = (some: readonly Results[]): readonly string[] =>
    problemsOfPool(some).filter((line) => line.includes('one name'));
  assert.deepEqual(told(pool), [
    'runs differ in measure.collapseExamples: measures of one name are not taken in one way',
  ]);
  assert.deepEqual(told(pool.slice(0, 1)), []);
});

test('a run is under-trained beside runs on as many images, not beside those on fewer', () => {
  const perClass = [5, 5, 60, 60];
  const accuracy = [0.98, 0.7, 0.8, 0.75];
  const results = resultsOf('images', {
    ...{ learningRates: [0.1, 0.2, 0.3, 0.4], seeds: [0] },
    config: (run) => ({
      training: { learningRate: [0.1, 0.2, 0.3, 0.4][run]!, epochs: 2 },
      data: { perClass: perClass[run]! },
    }),
    change: (records, run) =>
      JSON.parse(
        JSON.stringify(records).replace(/"(accuracy|trainAccuracy)":[\d.]+/g, `"$1":${accuracy[run]}`),
      ),
  });
  assert.deepEqual(
    results.finished.map(({ underTrained }) => underTrained !== null),
    [false, true, false, false],
  );
});

describe('a run that has not started', () => {
  const pending = { 5: { state: 'pending' as const } };
  const made: MadeSweep = {
    learningRates: [0.01, 0.02, 0.03, 0.04, 0.05, 0.06],
    seeds: [0],
    states: pending,
  };

  test('does not keep a swept number from being one', () => {
    const results = resultsOf('pending', made);
    const last = results.configurations.at(-1)!;
    const unknown = { ...last, parameters: { 'training.learningRate': undefined } };
    const configurations = [...results.configurations.slice(0, -1), unknown];
    assert.deepEqual(numericKeys({ ...results, configurations }), ['training.learningRate']);
  });

  test('is no configuration of its own beside another sweep, and is told of', () => {
    const folders = ['one', 'two'].map((name, at) =>
      makeSweep(parent, name, {
        ...{ ...made, epochs: 2 },
        config: (run) => ({
          training: { learningRate: made.learningRates[run]!, epochs: 2, momentum: at === 0 ? 0 : 0.9 },
        }),
      }),
    );
    const { results, rows } = compareFolders(folders);
    assert.equal(rows.length, 10);
    assert.ok(problemsOf(results).includes('2 runs not started: left out'));
  });
});

describe('a quantity from one end of a sweep to the other', () => {
  const mean = (value: number, halfWidth: number | null) => ({ mean: value, n: 3, halfWidth });
  const direction = (first: ReturnType<typeof mean>, last: ReturnType<typeof mean>) =>
    directionOf({ quantity: {} as never, first, last });

  test('moves where the intervals over seeds are apart, and is not shown to where they meet or one seed has none', () => {
    assert.equal(direction(mean(1, 0.2), mean(2, 0.3)), 'up');
    assert.equal(direction(mean(2, 0.2), mean(1, 0.3)), 'down');
    assert.equal(direction(mean(1, 0.6), mean(2, 0.5)), 'unclear');
    assert.equal(direction(mean(1, null), mean(2, 0.1)), 'unclear');
    assert.equal(direction(mean(1, null), mean(1, null)), 'same');
  });

  test('is marked at an end that is under-trained', () => {
    const results = resultsOf('marked', {
      ...{ learningRates: [0.1, 0.2], seeds: [0, 1, 2] },
      change: (records, run) =>
        run < 3
          ? records
          : JSON.parse(JSON.stringify(records).replace(/"(accuracy|trainAccuracy)":[\d.]+/g, '"$1":0.3')),
    });
    assert.deepEqual(movementsOf(results)!.underTrained, [false, true]);
    assert.match(
      summaryText(results, { terminal: false, coloured: false }),
      /As learningRate goes from 0\.1 to 0\.2 †\n/,
    );
  });
});
