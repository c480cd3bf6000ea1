import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitText, percentText, regimesText } from '../../../experiments/8-study/regime-table.ts';
import { regimes } from '../../../experiments/8-study/regimes.ts';
import { logistic, nearestMean } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, regimeRuns } from './synthetic-study.ts';

const regime = (id: string) => regimes.find((each) => each.id === id)!;

test('a regime fits by the mean over configurations', () => {
  assert.equal(fitText(regime('a'), [0.01, 0.02, 0.15]), 'yes (2 of 3 configurations do)');
  assert.equal(fitText(regime('a'), [0.01, 0.02, 0.5]), 'no (2 of 3 configurations do)');
  assert.match(fitText(regime('b'), [0.2]), /^no \(0 of 1 .* the plan does not ask it\)$/);
});

test("an accuracy has Student's interval over its seeds", () => {
  // Standard error 0.02 / sqrt 3, quantile 4.3027 with two degrees of freedom: half-width 4.97 %.
  assert.equal(percentText([0.7, 0.72, 0.74]), '72.0 [67.0, 77.0]');
  assert.equal(percentText([0.7]), '70.0');
});

test('regime (b) lists each configuration, the base by all of its names', () => {
  const point = (name: string, parameter: number, accuracy: number) => ({
    ...{ name, parameter },
    values: (seed: number) => ({ [logistic]: accuracy + (seed - 1) / 50, [nearestMean]: accuracy }),
  });
  const runs = regimeRuns('b', [
    madeStudy('transfer-learning-rate', [point('base', 0.05, 0.8), point('fast', 0.2, 0.72)]),
    madeStudy('transfer-l2', [point('base', 0.0005, 0.8)]),
  ]);
  const text = regimesText([runs, regimeRuns('a', [])]);
  const [, , ofB, ofA, , , base, fast] = cellsOf(text);
  assert.deepEqual(ofB!.slice(1, 3), ['6', '2']);
  assert.deepEqual(ofB!.slice(3, 5), ['0.0500', '0.0500 to 0.0500']);
  assert.equal(ofB![6], '72.0 to 80.0');
  assert.equal(ofA![1], 'not run');
  assert.deepEqual(base!.slice(0, 3), [
    'transfer-learning-rate 0.05 = transfer-l2 0.0005',
    '3',
    '80.0 [75.0, 85.0]',
  ]);
  assert.deepEqual(fast, ['transfer-learning-rate 0.2', '3', '72.0 [67.0, 77.0]', '72.0 [72.0, 72.0]']);
  assert.match(text, /1 of 2 configurations reach 78 % by logistic/);
});
