import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type ExampleComplexity, estimateMean } from '../../../src/measures/geometric-complexity/estimate.ts';
import { studentQuantile } from '../../../src/statistics/student-interval.ts';

const found = (rows: readonly (readonly [label: number, value: number, probeVariance?: number | null])[]) =>
  rows.map(
    ([label, value, probeVariance = 0], example): ExampleComplexity => ({
      example,
      label,
      value,
      probeVariance,
    }),
  );

describe('the mean over a set, from some of its examples', () => {
  it('of everything, exactly measured, has no error', () => {
    const { value, standardError, ci95 } = estimateMean(
      found([
        [0, 1],
        [0, 3],
        [1, 8],
        [1, 4],
      ]),
      [2, 2],
    );
    assert.deepEqual([value, standardError, ci95], [4, 0, [4, 4]]);
  });

  it('weights classes by their size, not by how often they were drawn', () => {
    const { value, perClass } = estimateMean(
      found([
        [0, 1],
        [0, 3],
        [1, 8],
        [1, 4],
      ]),
      [300, 100],
    );
    assert.deepEqual([value, perClass], [(2 * 300 + 6 * 100) / 400, [2, 6]]);
  });

  it('has the variance of a stratified sample without replacement', () => {
    const { standardError, ci95, value } = estimateMean(
      found([
        [0, 1],
        [0, 3],
        [1, 8],
        [1, 4],
      ]),
      [20, 10],
    );
    const variance = (2 / 3) ** 2 * (1 - 2 / 20) * (2 / 2) + (1 / 3) ** 2 * (1 - 2 / 10) * (8 / 2);
    assert.ok(Math.abs(standardError! - Math.sqrt(variance)) < 1e-12);
    assert.ok(Math.abs(ci95![1] - value - studentQuantile(2) * Math.sqrt(variance)) < 1e-12);
  });

  it('adds the variance over probes, which no finite population takes away', () => {
    const all = estimateMean(
      found([
        [0, 1, 0.5],
        [0, 3, 0.3],
      ]),
      [2],
    );
    assert.ok(Math.abs(all.standardError! - Math.sqrt((0.5 + 0.3) / 4)) < 1e-12);
    const some = estimateMean(
      found([
        [0, 1, 0.5],
        [0, 3, 0.3],
      ]),
      [4],
    );
    assert.ok(Math.abs(some.standardError! - Math.sqrt((1 - 2 / 4) * (2 / 2) + 0.4 / 4)) < 1e-12);
  });

  it('with one probe per example leaves the finite-population factor out', () => {
    const { standardError } = estimateMean(
      found([
        [0, 1, null],
        [0, 3, null],
      ]),
      [2],
    );
    assert.equal(standardError, 1);
  });

  it('with one example per class, the spread over all examples takes the place of that inside classes', () => {
    const { value, standardError, ci95 } = estimateMean(
      found([
        [0, 1, null],
        [1, 5, null],
      ]),
      [20, 20],
    );
    assert.deepEqual([value, standardError], [3, 2]);
    assert.notEqual(ci95, null);
  });

  it('with one example per class and classes of unequal sizes, the interval is that of the effective number of examples', () => {
    const rows = [0, 1, 2, 3, 4].map((label) => [label, label + 1, null] as const);
    const sizes = [10, 10, 10, 10, 20];
    const { value, standardError, ci95 } = estimateMean(found(rows), sizes);
    const shares = sizes.map((size) => size / 60);
    assert.ok(Math.abs(value - shares.reduce((sum, share, c) => sum + share * (c + 1), 0)) < 1e-12);
    // The spread of 1 to 5 is 2.5; 1 / sum of squared shares is 4.5 examples.
    const error = Math.sqrt(2.5 / 4.5);
    assert.ok(Math.abs(standardError! - error) < 1e-12);
    assert.ok(Math.abs(ci95![1] - value - studentQuantile(3) * error) < 1e-9);
  });

  it('a class of one single example takes no interval away: the spread of all stands in where one probe leaves its error open', () => {
    const rows = (probeVariance: number | null) =>
      found([
        [0, 1, probeVariance],
        [0, 3, probeVariance],
        [1, 4, probeVariance],
        [1, 6, probeVariance],
        [2, 6, probeVariance],
      ]);
    const { value, standardError, ci95 } = estimateMean(rows(null), [50, 50, 1]);
    // Shares 25, 25, 25, 25 and 1 of 101; the values' mean is 4, their spread (9 + 1 + 0 + 4 + 4) / 4.
    const squares = (4 * 25 ** 2 + 1) / 101 ** 2;
    const error = Math.sqrt(4.5 * squares);
    assert.ok(Math.abs(value - (2 * 50 + 5 * 50 + 6) / 101) < 1e-12);
    assert.ok(Math.abs(standardError! - error) < 1e-12);
    // 1 / squares is 4.08 examples.
    assert.ok(Math.abs(ci95![1] - value - studentQuantile(3) * error) < 1e-9);
    // Exact values need none of this: the class of one has no error at all.
    const strata = 2 * (50 / 101) ** 2 * (1 - 2 / 50) * (2 / 2);
    assert.ok(Math.abs(estimateMean(rows(0), [50, 50, 1]).standardError! - Math.sqrt(strata)) < 1e-12);
  });

  it('where one class is nearly all of the set, one example of it leaves no interval', () => {
    const rows = [0, 1, 2, 3].map((label) => [label, label + 1, null] as const);
    const { value, ci95 } = estimateMean(found(rows), [10_000, 10, 10, 10]);
    assert.ok(Math.abs(value - (10_000 + 20 + 30 + 40) / 10_030) < 1e-12);
    assert.equal(ci95, null);
  });

  it('of fewer examples than classes weights them by the sizes of their classes', () => {
    const few = found([
      [0, 1, null],
      [2, 5, null],
    ]);
    assert.equal(estimateMean(few, [10, 70, 30]).value, (1 * 10 + 5 * 30) / 40);
    assert.equal(estimateMean(few, [10, 10, 10]).value, 3);
  });

  it('of a part that was drawn from a larger split counts classes as the part has them, and errs against the split', () => {
    const rows = found([
      [0, 1],
      [0, 3],
      [1, 8],
      [1, 4],
    ]);
    const { value, standardError } = estimateMean(rows, [20, 10], [2, 2]);
    const variance = (1 - 2 / 20) * (2 / 2) * 0.25 + (1 - 2 / 10) * (8 / 2) * 0.25;
    assert.equal(value, 4);
    assert.ok(Math.abs(standardError! - Math.sqrt(variance)) < 1e-12);
    assert.equal(estimateMean(rows, [2, 2], [2, 2]).standardError, 0);
  });

  it('of classes of unlike sizes that count the same, with less than two examples each, is as certain as its terms are equal', () => {
    const classes = 300;
    const sizes = Array.from({ length: classes }, (_, c) =>
      Math.round(20 * 25 ** (((c * 7) % classes) / (classes - 1))),
    );
    for (const examples of [200, 512, 600]) {
      const rows = Array.from({ length: examples }, (_, i) => [i % classes, 1] as const);
      const { value, standardError } = estimateMean(found(rows), sizes, Array(classes).fill(1));
      assert.deepEqual([value, standardError], [1, 0], `${examples} examples`);
    }
  });

  it('says null for a class without examples, and no interval for a single example', () => {
    const { value, perClass, standardError, ci95 } = estimateMean(found([[1, 5, null]]), [10, 30]);
    assert.deepEqual([value, perClass, standardError, ci95], [5, [null, 5], null, null]);
  });
});
