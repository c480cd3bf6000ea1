import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Outcome } from '../../../experiments/8-study/judgement.ts';
import type { StudyRuns } from '../../../experiments/8-study/study-runs.ts';
import { outcomeOf, type Part, rowsOf, whatCountsText } from '../../../experiments/8-study/what-counts.ts';
import { logistic, nearestMean } from '../../../experiments/claims.ts';
import { here } from '../../../experiments/write-results.ts';
import { cellsOf, madeStudy, type Point, regimeRuns } from './synthetic-study.ts';

/** Sweeps of rate, batch size and L2 with eight configurations each, whose quantities follow GC with the given signs. */
function sweeps(
  regime: 'a' | 'b',
  signs: { readonly knob: 1 | -1; readonly cdnv: 1 | -1; readonly accuracy: 1 | -1 },
) {
  const prefix = regime === 'a' ? 'plain' : 'transfer';
  const loss = [3, 8, 1, 6, 2, 7, 5, 4];
  const test = [5, 2, 7, 1, 8, 3, 6, 4];
  const points = (name: string, sign: 1 | -1): readonly Point[] =>
    loss.map((_, at) => {
      const gc = signs.knob * sign * (at + 1) + name.length / 100;
      const cdnv = signs.cdnv * gc;
      return {
        ...{ name: `${prefix} ${name} ${at}`, parameter: at + 1 },
        values: (seed, checkpoint) => ({
          sourceGc: gc + seed / 1000,
          targetCdnv: cdnv + seed / 1000,
          [logistic]: signs.accuracy * cdnv,
          [nearestMean]: signs.accuracy * cdnv,
          sourceTestAccuracy: test[at]!,
          ...(checkpoint === 4 ? { sourceTrainLoss: loss[at]! / 100 } : {}),
        }),
      };
    });
  return [
    madeStudy(`${prefix}-learning-rate`, points('rate', -1)),
    madeStudy(`${prefix}-batch-size`, points('batch', 1), { key: 'training.batchSize', reported: 1 }),
    madeStudy(`${prefix}-l2`, points('l2', -1), { key: 'training.l2' }),
  ];
}

const asReported = { knob: 1, cdnv: 1, accuracy: -1 } as const;
const outcomes = (a: readonly StudyRuns[], b: readonly StudyRuns[]): readonly (string | undefined)[] =>
  cellsOf(whatCountsText([regimeRuns('a', a), regimeRuns('b', b)]))
    .slice(2)
    .map((cells) => cells.at(-1));

test("the rows are those of the plan's table", () => {
  const [, text] = readFileSync(join(here, 'PLAN.md'), 'utf8').split('## What counts');
  const listed = cellsOf(text!.split('## ')[0]!)
    .slice(2)
    .map(([name]) => name);
  assert.deepEqual(
    rowsOf([]).map(({ name }) => name),
    listed,
  );
});

describe('what counts', () => {
  test('is said with the number of configurations that each verdict rests on', () => {
    const [knobs, middle] = cellsOf(whatCountsText([regimeRuns('a', sweeps('a', asReported))])).slice(2);
    assert.equal(
      knobs![1],
      'learning rate: consistent, n = 8; batch size: consistent, n = 8; L2: consistent, n = 8',
    );
    assert.equal(middle![1], 'equal steps: consistent, n = 24; equal loss: consistent, n = 24');
  });

  test('is support where both regimes show all of it', () => {
    assert.deepEqual(outcomes(sweeps('a', asReported), sweeps('b', asReported)), [
      'support',
      'support',
      'support',
      'support',
    ]);
  });

  test('is refutation where the plan says so: a knob in both, GC to CDNV and CDNV to accuracy in either', () => {
    const turned = { knob: -1, cdnv: -1, accuracy: 1 } as const;
    assert.deepEqual(outcomes(sweeps('a', turned), sweeps('b', asReported)), [
      'undecided',
      'refutation',
      'refutation',
      // Accuracy falls with GC all the same, because both links before it are turned.
      'support',
    ]);
    assert.equal(outcomes(sweeps('a', turned), sweeps('b', turned))[0], 'refutation');
    // Accuracy rises with GC in both, whatever CDNV does.
    const other = { knob: 1, cdnv: 1, accuracy: 1 } as const;
    assert.equal(outcomes(sweeps('a', other), sweeps('b', other))[3], 'refutation');
  });

  test('is not run where a regime has no results, and marked while runs are to come', () => {
    assert.deepEqual(outcomes(sweeps('a', asReported), []), ['not run', 'not run', 'not run', 'not run']);
    const [first, ...rest] = sweeps('b', asReported);
    const later = { ...first!, rows: first!.rows.filter(({ seed }) => seed < 2) };
    assert.deepEqual(outcomes(sweeps('a', asReported), [later, ...rest]), Array(4).fill('support, so far'));
  });

  test('a knob that was not run in a regime leaves its row open', () => {
    const [rate, batch, l2] = sweeps('b', asReported);
    const found = outcomes(sweeps('a', asReported), [rate!, batch!, { ...l2!, rows: [] }]);
    assert.deepEqual(found, ['not run', 'support, so far', 'support, so far', 'support, so far']);
  });
});

test('outcomes follow the parts alone', () => {
  const parts = (...given: readonly Outcome[]): readonly Part[] =>
    given.map((outcome, at) => ({ regime: at === 0 ? 'a' : 'b', name: 'x', outcome, n: [] }));
  const of = (isRefuted: boolean, ...given: readonly Outcome[]): string =>
    outcomeOf({ parts: parts(...given), isRefuted: () => isRefuted });
  assert.equal(of(false, 'consistent', 'consistent'), 'support');
  assert.equal(of(false, 'consistent', 'undecided'), 'undecided');
  assert.equal(of(true, 'opposite', 'not run'), 'refutation');
  assert.equal(of(false, 'consistent', 'not run'), 'not run');
  assert.equal(of(false, 'too few configurations', 'consistent'), 'undecided');
});
