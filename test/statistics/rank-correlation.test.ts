import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { meanOverSeeds } from '../../src/report/aggregate.ts';
import { partialSpearman } from '../../src/statistics/partial-correlation.ts';
import { kendall, ranks, spearman } from '../../src/statistics/rank-correlation.ts';
import { studentQuantile } from '../../src/statistics/student-interval.ts';

interface Case {
  readonly x: number[];
  readonly y: number[];
  readonly z: number[];
  readonly ranks: number[];
  readonly spearman: number;
  readonly kendall: number;
  readonly partialSpearman: number | null;
  readonly mean: number;
  readonly ci95: [number, number];
}
const fixture = join(import.meta.dirname, 'fixtures/correlations.json');
const { cases, t975 } = JSON.parse(readFileSync(fixture, 'utf8')) as {
  cases: Case[];
  t975: Record<string, number>;
};

const close = (actual: number | undefined, expected: number, tolerance = 1e-12): void =>
  assert.ok(
    actual !== undefined && Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );

describe('statistics agree with SciPy', () => {
  for (const each of cases) {
    test(`${each.x.length} pairs${new Set(each.x).size < each.x.length ? ' with ties' : ''}`, () => {
      assert.deepEqual(ranks(each.x), each.ranks);
      close(spearman(each.x, each.y)?.value, each.spearman);
      close(kendall(each.x, each.y)?.value, each.kendall);
      if (each.partialSpearman !== null)
        close(partialSpearman(each.x, each.y, [each.z])?.value, each.partialSpearman, 1e-10);
      const mean = meanOverSeeds(each.x)!;
      close(mean.mean, each.mean);
      close(mean.mean - mean.halfWidth!, each.ci95[0], 1e-10);
      close(mean.mean + mean.halfWidth!, each.ci95[1], 1e-10);
    });
  }

  test("Student's quantile from 1 to 1000 degrees of freedom", () => {
    for (const [df, expected] of Object.entries(t975)) close(studentQuantile(Number(df)), expected, 1e-10);
  });
});

describe('what a correlation cannot say', () => {
  test('a constant variable has none', () => {
    assert.equal(spearman([1, 1, 1], [1, 2, 3]), null);
    assert.equal(kendall([1, 1, 1], [1, 2, 3]), null);
    assert.equal(partialSpearman([1, 2, 3, 4], [2, 1, 3, 4], [[1, 2, 3, 4]]), null);
  });

  test('one pair has none, three pairs no interval', () => {
    assert.equal(spearman([1], [2]), null);
    assert.equal(spearman([1, 2, 3], [2, 3, 1])?.ci95, null);
    assert.equal(kendall([1, 2, 3, 4], [2, 3, 1, 4])?.ci95, null);
  });

  test('a perfect order of four runs is not certain: the interval includes 0', () => {
    const [low, high] = spearman([1, 2, 3, 4], [1, 2, 3, 4])!.ci95!;
    assert.ok(low < 0 && high === 1);
  });

  test('the interval is narrower with more runs, holds the value and stays within -1 and 1', () => {
    const widths = [6, 12, 40].map((n) => {
      const x = Array.from({ length: n }, (_, i) => i);
      const y = x.map((i) => i + 4 * Math.sin(5 * i));
      const { value, ci95 } = spearman(x, y)!;
      assert.ok(-1 <= ci95![0] && ci95![0] < value && value < ci95![1] && ci95![1] <= 1);
      return ci95![1] - ci95![0];
    });
    assert.ok(widths[0]! > widths[1]! && widths[1]! > widths[2]!);
  });

  test("Fisher's interval in closed form", () => {
    const x = [1, 2, 3, 4, 5, 6, 7, 8];
    const y = [2, 1, 4, 3, 6, 5, 8, 7];
    const { value, ci95 } = spearman(x, y)!;
    const half = 1.959963984540054 * Math.sqrt((1 + value ** 2 / 2) / 5);
    close(ci95![0], Math.tanh(Math.atanh(value) - half));
    close(ci95![1], Math.tanh(Math.atanh(value) + half));
  });
});
