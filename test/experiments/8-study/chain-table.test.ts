import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chainsText } from '../../../experiments/8-study/chain-table.ts';
import { logistic, nearestMean } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const chain = (accuracies: readonly number[]) =>
  regimeRuns('a', [
    madeStudy(
      'plain-learning-rate',
      pointsOf(
        accuracies.map((value, at) => ({
          sourceGc: -at,
          targetCdnv: -at,
          [nearestMean]: value,
          [logistic]: value,
        })),
      ),
    ),
  ]);

test("each knob's links have Holm's values: 2/120, 2/120 and 10/120 become 0.05, 0.05 and 0.083", () => {
  const rows = cellsOf(chainsText([chain([0, 1, 2, 4, 3])])).slice(2);
  assert.deepEqual(
    rows.map((cells) => cells.slice(1, 3)),
    [
      ['the knob', 'source GC'],
      ['source GC', 'target CDNV'],
      ['target CDNV', '5-shot nearest mean'],
      ['source GC', '5-shot logistic, not corrected'],
    ],
  );
  assert.match(rows[0]![3]!, /p 0\.050, n = 5: consistent$/);
  assert.match(rows[1]![3]!, /p 0\.050, n = 5: consistent$/);
  assert.match(rows[2]![3]!, /^−0\.90 .*, p 0\.083, n = 5: undecided$/);
  // 10/120 as it is.
  assert.match(rows[3]![3]!, /^−0\.90 .*, p 0\.083, n = 5: undecided$/);
});

test('a chain of less than five configurations has no values to correct', () => {
  const rows = cellsOf(chainsText([chain([0, 1, 2, 3])])).slice(2);
  assert.ok(rows.every((cells) => cells[3]!.endsWith('n = 4: too few configurations')));
});

test('regimes without results are named', () => {
  assert.match(chainsText([regimeRuns('b', [madeStudy('transfer-l2', [])])]), /Regimes not run: \(b\)\.$/);
});
