import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sampleVariance } from 'simple-statistics';
import {
  bootstrapInterval,
  partialRankCorrelation,
  singly,
  together,
} from '../../experiments/rank-statistics.ts';
import { randomStream } from '../../src/random/random.ts';
import { partialSpearman } from '../../src/statistics/rank-correlation.ts';

interface Case {
  readonly x: number[];
  readonly y: number[];
  readonly controls: number[][];
  readonly partial: number;
}
const fixture = join(import.meta.dirname, 'fixtures/partial_ranks.json');
const { cases } = JSON.parse(readFileSync(fixture, 'utf8')) as { cases: Case[] };

const close = (actual: number | null | undefined, expected: number): void =>
  assert.ok(typeof actual === 'number' && Math.abs(actual - expected) < 1e-9, `${actual} is not ${expected}`);

describe('partial rank correlation', () => {
  for (const { x, y, controls, partial } of cases)
    test(`equals SciPy's on residuals: ${x.length} runs, ${controls.length} controls`, () =>
      close(partialRankCorrelation(x, y, controls), partial));

  test("with one control equals the report's formula of three rhos", () => {
    const { x, y, controls } = cases[0]!;
    close(partialRankCorrelation(x, y, [controls[0]!]), partialSpearman(x, y, controls[0]!)!.value);
  });

  test('does not change under rising functions of any variable', () => {
    const { x, y, controls, partial } = cases[2]!;
    const risen = controls.map((each) => each.map((value) => value ** 3));
    close(
      partialRankCorrelation(
        x.map(Math.exp),
        y.map((value) => 5 * value - 3),
        risen,
      ),
      partial,
    );
  });

  test('is undefined where a control determines a variable, one is constant, or the runs are too few', () => {
    const rising = [1, 2, 3, 4, 5, 6];
    const other = [2, 1, 4, 3, 6, 5];
    assert.equal(partialRankCorrelation(rising, other, [rising]), null);
    assert.equal(partialRankCorrelation(rising, other, [rising.map(() => 1)]), null);
    assert.equal(partialRankCorrelation([1, 2, 3], [2, 1, 3], [[3, 1, 2]]), null);
  });
});

describe('bootstrap interval', () => {
  const random = randomStream(3);
  const values = Array.from({ length: 200 }, () => random.uniform());
  const mean = (rows: readonly number[]): number =>
    rows.reduce((sum, row) => sum + values[row]!, 0) / rows.length;

  test("of a mean is the normal theory's: half-width 1.96 sd / sqrt(n), within a tenth", () => {
    const { low, high, resamples } = bootstrapInterval(singly(200), mean, { resamples: 4000, seed: 0 })!;
    const expected = (2 * 1.96 * Math.sqrt(1 / 12)) / Math.sqrt(200);
    assert.equal(resamples, 4000);
    assert.ok(Math.abs((high - low) / expected - 1) < 0.1, `${high - low} against ${expected}`);
  });

  test("over whole clusters is the normal theory's for the cluster means: 1.96 sd / sqrt(clusters), within a tenth", () => {
    // 100 clusters of 4 rows with one value each: as much information as 100 rows.
    const clusters = Array.from({ length: 400 }, (_, row) => `cluster ${row % 100}`);
    const meanOfClusters = (rows: readonly number[]): number =>
      rows.reduce((sum, row) => sum + values[row % 100]!, 0) / rows.length;
    const units = together(clusters);
    assert.deepEqual(units[3], [3, 103, 203, 303]);
    const { low, high } = bootstrapInterval(units, meanOfClusters, { resamples: 4000, seed: 0 })!;
    const sd = Math.sqrt(sampleVariance(values.slice(0, 100)));
    const expected = (2 * 1.96 * sd) / 10;
    assert.ok(Math.abs((high - low) / expected - 1) < 0.1, `${high - low} against ${expected}`);
    const naive = bootstrapInterval(singly(400), meanOfClusters, { resamples: 4000, seed: 0 })!;
    assert.ok(Math.abs((high - low) / (naive.high - naive.low) - 2) < 0.2);
  });

  test('is the same for the same seed and another for another', () => {
    const of = (seed: number) => bootstrapInterval(singly(200), mean, { resamples: 200, seed });
    assert.deepEqual(of(1), of(1));
    assert.notDeepEqual(of(1), of(2));
  });

  test('is refused where one resample in ten leaves the statistic undefined', () => {
    const often = (rows: readonly number[]): number | null => (rows[0]! < 40 ? null : 1);
    assert.equal(bootstrapInterval(singly(200), often, { resamples: 500, seed: 0 }), null);
  });
});
