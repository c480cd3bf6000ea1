import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { partialSpearman } from '../../src/statistics/partial-correlation.ts';
import { partialInterval } from '../../src/statistics/rank-correlation.ts';

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
      close(partialSpearman(x, y, controls)?.value, partial));

  test('does not change under rising functions of any variable', () => {
    const { x, y, controls, partial } = cases[2]!;
    const risen = controls.map((each) => each.map((value) => value ** 3));
    close(
      partialSpearman(
        x.map(Math.exp),
        y.map((value) => 5 * value - 3),
        risen,
      )?.value,
      partial,
    );
  });

  test('has the interval of Fisher’s z up to a perfect order: it takes any value, where a rho of few ranks does not', () => {
    const [low, high] = partialInterval(0.95, 5)!;
    const half = (1.959963984540054 * Math.sqrt(1 + 0.95 ** 2 / 2)) / Math.sqrt(2);
    close(low, Math.tanh(Math.atanh(0.95) - half));
    close(high, Math.tanh(Math.atanh(0.95) + half));
    assert.deepEqual(partialInterval(1, 5)![1], 1);
    assert.ok(partialInterval(1, 5)![0] < 0);
  });

  test('is undefined where a control determines a variable, one is constant, or the runs are too few', () => {
    const rising = [1, 2, 3, 4, 5, 6];
    const other = [2, 1, 4, 3, 6, 5];
    assert.equal(partialSpearman(rising, other, [rising]), null);
    assert.equal(partialSpearman(rising, other, [rising.map(() => 1)]), null);
    assert.equal(partialSpearman([1, 2, 3], [2, 1, 3], [[3, 1, 2]]), null);
  });
});
