import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { hierarchicalInterval } from '../../bench/verdicts/hierarchical-bootstrap.ts';
import { randomStream } from '../../src/random/random.ts';
import { betweenConfigurations } from '../../src/statistics/association.ts';
import { holm } from '../../src/statistics/holm.ts';
import { partialSpearman } from '../../src/statistics/partial-correlation.ts';
import { kendall } from '../../src/statistics/rank-correlation.ts';
import { meanWithInterval } from '../../src/statistics/student-interval.ts';
import { pagesTest } from './pages-test.ts';

type Values = number[];
const fromR = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures/in_r.json'), 'utf8')) as {
  readonly r: string;
  readonly spearman: { x: Values; y: Values; rho: number; p: number }[];
  readonly kendall: { x: Values; y: Values; tau: number }[];
  readonly holm: { p: Values; holm: Values }[];
  readonly means: { x: Values; mean: number; ci95: [number, number] }[];
  readonly partial: { x: Values; y: Values; controls: Values[]; partial: number }[];
  readonly page: { data: Values[]; L: number; oneSided: number }[];
  readonly bootstrap: { x: Values[]; y: Values[]; ends: [number, number]; spread: [number, number] }[];
};

const close = (actual: number | null | undefined, expected: number): void =>
  assert.ok(
    typeof actual === 'number' && Math.abs(actual - expected) < 1e-10 * Math.max(1, Math.abs(expected)),
    `${actual} is not ${expected}`,
  );

function closeEach(actual: readonly number[] | null, expected: readonly number[]): void {
  assert.equal(actual?.length, expected.length);
  for (const [at, value] of expected.entries()) close(actual![at], value);
}

describe(`statistics agree with ${fromR.r}`, () => {
  for (const { x, y, rho, p } of fromR.spearman)
    test(`cor.test: Spearman's rho and its exact value, ${x.length} configurations`, () => {
      const pairs = x.map((value, configuration) => ({ configuration, x: value, y: y[configuration]! }));
      const found = betweenConfigurations(pairs)!;
      close(found.value, rho);
      close(found.p, p);
    });

  for (const { x, y, tau } of fromR.kendall)
    test(`cor.test: Kendall's tau-b with ties, ${x.length} pairs`, () => close(kendall(x, y)?.value, tau));

  for (const { p, holm: expected } of fromR.holm)
    test(`p.adjust: Holm's correction of ${p.length} values`, () => closeEach(holm(p), expected));

  for (const { x, mean, ci95 } of fromR.means)
    test(`t.test: mean and Student's interval over ${x.length} seeds`, () => {
      const found = meanWithInterval(x);
      close(found.value, mean);
      closeEach(found.ci95, ci95);
    });

  for (const { x, y, controls, partial } of fromR.partial)
    test(`lm: partial rank correlation with two controls, ${x.length} runs`, () =>
      close(partialSpearman(x, y, controls)?.value, partial));

  for (const { data, L, oneSided } of fromR.page)
    test(`Page's L of ${data.length} blocks and ${data[0]!.length} treatments, every arrangement`, () => {
      const found = pagesTest(data);
      close(found.L, L);
      assert.ok(found.exact);
      close(found.p, 2 * oneSided);
    });

  for (const { x, y, ends, spread } of fromR.bootstrap)
    test(`boot: hierarchical percentile interval of ${x.length} configurations with ${x[0]!.length} seeds`, () => {
      const groups = x.map((seeds, at) => seeds.map((value, seed) => ({ x: value, y: y[at]![seed]! })));
      const found = hierarchicalInterval(groups, 20_000, randomStream(5))!;
      ends.forEach((end, side) => {
        // Both are drawn: four standard errors of their difference, and half a step of rho where it takes few values.
        const allowed = 4 * Math.SQRT2 * spread[side]! + 0.005;
        assert.ok(Math.abs(found[side]! - end) < allowed, `${found[side]} is not ${end}`);
      });
    });
});
