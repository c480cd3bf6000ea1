import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerText } from '../../../experiments/8-study/answer.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** Six configurations: GC falls over the knob and with it target CDNV; accuracy rises; source NC1 ranks it as well. */
const values = [1, 2, 3, 4, 5, 6].map((n) => ({
  ...{ sourceGc: 70 - 10 * n, pathFlatness: n, targetCdnv: 7 - n, targetCdnvDirectional: n },
  ...{ sourceTrainAccuracy: 0.9, sourceTestAccuracy: [3, 1, 4, 1.5, 5, 2][n - 1]!, sourceNc1: 70 - n },
  ...{ '5way_5shot_logistic': n, '5way_5shot_nearest-mean': n },
}));
const study = madeStudy('plain-learning-rate', pointsOf(values));
const named = { ...study, study: { ...study.study, title: 'regime (a): learning rate' } };
const cellOf = (rows: readonly (readonly string[])[], name: RegExp): string =>
  rows.find(([first]) => name.test(first!))![2]!;

test('there is a row per link with its verdict at equal steps and at equal loss, and a column per regime that was run', () => {
  const rows = cellsOf(answerText([regimeRuns('a', [named]), regimeRuns('c', [])]));
  assert.deepEqual(rows[0], ['link', 'expected', 'Regime (a), plain: 6 configurations']);
  assert.equal(rows.find(([first]) => first === 'source GC → target CDNV')![1], 'rises');
  assert.match(
    cellOf(rows, /^learning rate → source GC/),
    /^−1\.00 .*n = 6: consistent; at equal loss consistent$/,
  );
  assert.equal(cellOf(rows, /^L2 → source GC/), 'not asked');
  assert.match(
    cellOf(rows, /^learning rate → 5-shot logistic/),
    /^\+1\.00 .*: consistent; at equal loss consistent$/,
  );
  assert.match(
    cellOf(rows, /^source GC → target CDNV$/),
    /^\+1\.00 .*: consistent; at equal loss consistent$/,
  );
  assert.match(
    cellOf(rows, /^squared gradient along the path → source GC/),
    /^−1\.00 .*: opposite; at equal loss opposite$/,
  );
  assert.match(
    cellOf(rows, /^the measure of the source/),
    /^(source GC|source NC1), −1\.00 .*, n = 6; \d+ others are not shown to rank worse$/,
  );
});

test('sweeps of one knob that differ in another thing are counted by what they say', () => {
  const named = (title: string, found: typeof values) => {
    const made = madeStudy(`recipe-${title}`, pointsOf(found, title));
    return { ...made, study: { ...made.study, title: `regime (b'): learning rate, ${title}` } };
  };
  const mixed = values.map((each, at) => ({ ...each, sourceGc: [3, 1, 4, 1.5, 5, 9][at]! }));
  const runs = regimeRuns("b'", [named('one', values), named('two', values), named('three', mixed)]);
  const rows = cellsOf(answerText([runs]));
  assert.equal(rows[0]![2], "Regime (b'), recipe: 18 configurations");
  assert.equal(
    cellOf(rows, /^learning rate → source GC/),
    // Ranks 3, 1, 4, 2, 5, 6: 1 - 6 * 10 / 210.
    'consistent in 2 of 3 sweeps, undecided in 1 (−1.00 to +0.71)',
  );
});

test('the configurations that fit are looked at alone too, where any does', () => {
  const last = (loss: number) => ({ losses: [3, loss] });
  const fitted = madeStudy('plain-one', pointsOf(values.slice(0, 5), 'f'), last(0.05));
  // It does not fit, and would turn the perfect order.
  const outlier = madeStudy('plain-two', pointsOf([{ ...values[5]!, targetCdnv: 99 }], 'o'), last(0.2));
  const rows = cellsOf(answerText([regimeRuns('a', [fitted, outlier])]));
  assert.match(cellOf(rows, /^source GC → target CDNV$/), /^\+0\.14 .*n = 6: undecided/);
  assert.match(
    cellOf(rows, /^source GC → target CDNV, configurations that fit alone/),
    /^\+1\.00 .*n = 5: consistent/,
  );
  const none = cellsOf(answerText([regimeRuns('a', [outlier])]));
  assert.equal(cellOf(none, /^source GC → target CDNV, configurations that fit alone/), 'none fits');
});

test('few configurations give no verdict and no best measure, and nothing run gives no table', () => {
  const few = madeStudy('plain-learning-rate', pointsOf(values.slice(0, 4)));
  const rows = cellsOf(answerText([regimeRuns('a', [few])]));
  assert.equal(cellOf(rows, /^the measure of the source/), 'too few configurations');
  assert.match(cellOf(rows, /^target CDNV → 5-shot/), /too few configurations/);
  assert.equal(answerText([regimeRuns('a', [])]), 'Not run.');
});
