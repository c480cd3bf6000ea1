import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import {
  betweenConfigurations,
  isBeyondChance,
  type Pair,
  withinConfigurations,
} from '../../src/statistics/association.ts';
import { holm } from '../../src/statistics/holm.ts';
import { permutationTest } from '../../src/statistics/permutation-test.ts';
import { pagesTest } from './pages-test.ts';

const { whole, blocked, page } = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures/permutations.json'), 'utf8'),
) as {
  whole: { x: number[]; y: number[]; rho: number; p: number }[];
  blocked: { x: number[][]; y: number[][]; value: number; p: number }[];
  page: { data: number[][]; L: number; oneSided: number }[];
};

const close = (actual: number, expected: number): void =>
  assert.ok(Math.abs(actual - expected) < 1e-12, `${actual} is not ${expected}`);

const pairsOf = (x: readonly number[][], y: readonly number[][]): readonly Pair[] =>
  x.flatMap((seeds, configuration) =>
    seeds.map((value, seed) => ({ configuration, x: value, y: y[configuration]![seed]! })),
  );

describe('permutation p values agree with SciPy', () => {
  for (const { x, y, rho, p } of whole)
    test(`${x.length} configurations, all arrangements`, () => {
      const found = betweenConfigurations(
        pairsOf(
          x.map((v) => [v]),
          y.map((v) => [v]),
        ),
      )!;
      close(found.value, rho);
      close(found.p!, p);
    });

  for (const { x, y, value, p } of blocked)
    test(`within ${x.length} configurations of ${x[0]!.length} seeds`, () => {
      const found = withinConfigurations(pairsOf(x, y))!;
      close(found.value, value);
      close(found.p, p);
    });

  for (const { data, L, oneSided } of page)
    test(`Page's L of ${data.length} blocks and ${data[0]!.length} treatments`, () => {
      const { L: found, p, exact } = pagesTest(data);
      close(found, L);
      assert.ok(exact && oneSided < 0.5);
      close(p, 2 * oneSided);
    });

  test('drawn arrangements come within four standard errors of all of them', () => {
    // Nine values have 362,880 arrangements, more than are counted.
    const x = [-4, -3, -2, -1, 0, 1, 2, 3, 4];
    const y = [-3, -4, 1, -1, 4, -2, 2, 0, 3];
    const block = [x.map((_, at) => at)];
    const { p, exact } = permutationTest(x, y, block);
    const expected = exactP(x, y);
    assert.ok(!exact && Math.abs(p - expected) < 4 * Math.sqrt((expected * (1 - expected)) / 9_999), `${p}`);
  });
});

/** By counting all arrangements recursively. */
function exactP(x: readonly number[], y: readonly number[]): number {
  const reached = Math.abs(x.reduce((sum, value, at) => sum + value * y[at]!, 0));
  let hits = 0;
  let all = 0;
  const place = (at: number, used: number, sum: number): void => {
    if (at === x.length) {
      all += 1;
      if (Math.abs(sum) >= reached - 1e-9) hits += 1;
      return;
    }
    for (let from = 0; from < y.length; from++)
      if ((used & (1 << from)) === 0) place(at + 1, used | (1 << from), sum + x[at]! * y[from]!);
  };
  place(0, 0, 0);
  return hits / all;
}

describe('what few configurations can say', () => {
  test('seeds do not replace configurations: four of them have no verdict', () => {
    const x = [1, 2, 3, 4].map((value) => [value, value + 0.1, value + 0.2]);
    const found = betweenConfigurations(pairsOf(x, x))!;
    assert.deepEqual([found.value, found.p, found.ci95], [1, null, null]);
  });

  test('five in perfect order have the least possible value, 2 of 120', () => {
    const x = [[1], [2], [3], [4], [5]];
    close(betweenConfigurations(pairsOf(x, x))!.p!, 2 / 120);
  });

  test('means that are equal but for rounding are tied', () => {
    const y = [[0.3, 0.2, 0.1], [0.1, 0.2, 0.3], [1], [2], [3]];
    const found = betweenConfigurations(
      pairsOf(
        [[1], [2], [3], [4], [5]].map(([x], at) => y[at]!.map(() => x!)),
        y,
      ),
    )!;
    // scipy.stats.spearmanr([1, 2, 3, 4, 5], [1.5, 1.5, 3, 4, 5])
    close(found.value, 0.9746794344808963);
    close(found.p!, 4 / 120);
  });

  test('a value of 6 in 120 is at the level, however its sum was rounded', () => {
    assert.ok(isBeyondChance(0.1 + 0.2 - 0.25) && !isBeyondChance(0.0501));
  });

  test('one seed in every configuration, or a constant, says nothing', () => {
    assert.equal(withinConfigurations(pairsOf([[1], [2]], [[1], [2]])), null);
    assert.equal(withinConfigurations(pairsOf([[1, 1]], [[1, 2]])), null);
    assert.equal(betweenConfigurations(pairsOf([[1], [1]], [[1], [2]])), null);
  });

  test('a common cause between configurations is not seen within them', () => {
    const x = [1, 2, 3, 4, 5, 6].map((knob) => [10 * knob, 10 * knob + 1]);
    const y = x.map(([a, b], at) => (at % 2 === 0 ? [a!, b!] : [b!, a!]));
    assert.equal(withinConfigurations(pairsOf(x, y))!.value, 0);
    const interpolated = pairsOf(x, y).map((pair, at) => ({ ...pair, yError: at === 0 ? 0.1 : 0 }));
    assert.equal(withinConfigurations(interpolated), null);
    assert.equal(betweenConfigurations(pairsOf(x, y))!.value, 1);
  });
});

test("Holm's values as R's p.adjust gives them", () => {
  // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
  assert.deepEqual(
    holm([0.01, 0.04, 0.03, 0.005]).map((p) => Number(p.toFixed(12))),
    [0.03, 0.06, 0.06, 0.02],
  );
});
