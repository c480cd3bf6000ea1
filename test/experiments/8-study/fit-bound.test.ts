import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fitBoundText } from '../../../experiments/8-study/fit-bound.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** Target CDNV rises with GC in the five that fit best, and a sixth that fits a little and a seventh that does not would turn it. */
const losses = [0.01, 0.02, 0.03, 0.02, 0.04, 0.15, 3];
const cdnv = [1, 2, 3, 4, 5, -5, -9];
const study = madeStudy(
  'plain-l2',
  pointsOf(
    losses.map((sourceTrainLoss, at) => ({
      ...{ sourceTrainLoss, sourceGc: at, sourceCdnv: at, targetCdnv: cdnv[at]! },
      [logistic]: -at,
    })),
  ),
);

test('each bound takes the configurations whose mean training loss is below it', () => {
  const [head, , ...rows] = cellsOf(fitBoundText([regimeRuns('a', [study])]));
  assert.deepEqual(
    rows.map(([bound, n]) => [bound, n]),
    [
      ['0.05', '5'],
      ['0.1', '5'],
      ['0.2', '6'],
      ['0.6', '6'],
      ['any', '7'],
    ],
  );
  const middle = head!.indexOf('source GC → target CDNV');
  assert.match(rows[0]![middle]!, /^\+1\.00 .*: consistent$/);
  // Ranks 2, 3, 4, 5, 6, 1 over 1 to 6: 1 - 6 * 30 / 210.
  assert.match(rows[2]![middle]!, /^\+0\.14 /);
  assert.equal(rows[4]![head!.indexOf('target CDNV')], '-9.00 to 5.00');
});

test('a regime that is not asked to fit is not shown', () => {
  assert.doesNotMatch(fitBoundText([regimeRuns('b', [study])]), /Regime/);
});
