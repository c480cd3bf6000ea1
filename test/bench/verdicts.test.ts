import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { cells, countIn, designs, ratios, sweepsOf } from '../../bench/verdicts/cells.ts';
import { keyOf, readCounted } from '../../bench/verdicts/results.ts';
import { verdictTables } from '../../bench/verdicts/tables.ts';
import { simulatedSweep, trueRho, type World } from '../../bench/verdicts/worlds.ts';
import { randomStream } from '../../src/random/random.ts';
import { ranks } from '../../src/statistics/rank-correlation.ts';

const counted = readCounted();
const shares = (start: string): readonly { readonly key: string; readonly percent: number }[] =>
  [...counted]
    .filter(([key]) => key.includes(`"${start}`))
    .map(([key, { count, sweeps }]) => ({ key, percent: (100 * count) / sweeps }));

describe('the simulation that docs/statistics.md shows', () => {
  test('has every cell, with 2,000 sweeps (a quarter where it resamples)', () => {
    for (const cell of cells) {
      const found = counted.get(keyOf(cell));
      assert.ok(found !== undefined && found.sweeps >= sweepsOf(cell, 2000), keyOf(cell));
    }
    assert.equal(new Set(cells.map(keyOf)).size, cells.length);
  });

  test('is what stands there', () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/statistics.md'), 'utf8');
    assert.ok(page.includes(verdictTables(counted)));
  });

  test('false verdicts are at most 6 % in every cell', () => {
    const all = shares('false');
    assert.equal(all.length, designs.length * ratios.length * 4 - 2 * ratios.length);
    for (const { key, percent } of all) assert.ok(percent <= 6, `${key}: ${percent}`);
  });

  test('intervals hold the true value in 93 % or more of the sweeps', () => {
    for (const { key, percent } of shares('coverage')) assert.ok(percent >= 93, `${key}: ${percent}`);
  });

  test('with eight configurations or more and a correlation or none, in no more than 97.5 %', () => {
    const large = [...shares('coverage, nothing'), ...shares('coverage, effect')].filter(({ key }) =>
      /^(8|12),/.test(key),
    );
    assert.equal(large.length, 16);
    for (const { key, percent } of large) assert.ok(percent <= 97.5, `${key}: ${percent}`);
  });
});

describe('the simulated worlds', () => {
  const world: World = { configurations: 6, seeds: 3, ratio: 3, shared: 0.8, knob: 0 };

  test("the true rho is Kruskal's where there is no knob", () => {
    // 0.8 * 3 / (3 + 1/3) = 0.72; 6/pi asin(0.36) = 0.7033399 (Python).
    assert.ok(Math.abs(trueRho(world) - 0.7033399) < 1e-6, `${trueRho(world)}`);
    assert.equal(trueRho({ ...world, ratio: 0 }), 0);
  });

  test('the true rho with a knob is what many configurations have', () => {
    const knob = { ...world, configurations: 20_000, shared: 0, knob: 5 };
    const pairs = simulatedSweep(knob, randomStream(9));
    const mean = (read: (at: number) => number): number[] =>
      Array.from({ length: 20_000 }, (_, at) => read(3 * at) + read(3 * at + 1) + read(3 * at + 2));
    const x = ranks(mean((at) => pairs[at]!.x));
    const y = ranks(mean((at) => pairs[at]!.y));
    const squares = x.reduce((sum, rank, at) => sum + (rank - y[at]!) ** 2, 0);
    const rho = 1 - (6 * squares) / (20_000 * (20_000 ** 2 - 1));
    assert.ok(Math.abs(trueRho(knob) - rho) < 0.025, `${trueRho(knob)} is not ${rho}`);
  });

  test('effects and noise have the variances that the world says', () => {
    const pairs = simulatedSweep({ ...world, configurations: 4000 }, randomStream(3));
    const variance = pairs.reduce((sum, { x }) => sum + x * x, 0) / pairs.length;
    assert.ok(Math.abs(variance - 4) < 0.25, `${variance}`);
  });

  test('a cell counted again is the same', () => {
    const cell = cells.find(({ quantity }) => quantity === 'false knob')!;
    assert.equal(countIn(cell, 50), countIn(cell, 50));
  });
});
