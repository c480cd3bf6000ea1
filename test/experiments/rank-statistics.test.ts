import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sampleVariance } from 'simple-statistics';
import { bootstrapInterval, singly, together } from '../../experiments/rank-statistics.ts';
import { randomStream } from '../../src/random/random.ts';

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
