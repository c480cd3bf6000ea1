import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { artefactOf, inBatchText } from '../../../experiments/8-study/in-batch.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const batchSize = { key: 'training.batchSize', reported: 1 } as const;
const textOf = (whole: readonly number[]): string =>
  inBatchText([
    regimeRuns('a', [
      madeStudy(
        'plain-batch-size',
        pointsOf(whole.map((value, at) => ({ sourceCdnvInBatch: at, sourceCdnv: value }))),
        batchSize,
      ),
    ]),
  ]);

describe('an artefact', () => {
  test('is a trend inside batches that the whole set does not show', () => {
    assert.equal(artefactOf('consistent', 'undecided'), 'artefact');
    assert.equal(artefactOf('consistent', 'opposite'), 'artefact');
    assert.equal(artefactOf('consistent', 'consistent'), 'no artefact: CDNV shows it too');
    assert.equal(artefactOf('opposite', 'opposite'), 'no artefact: CDNV shows it too');
    assert.equal(artefactOf('undecided', 'consistent'), 'no trend inside batches');
    assert.equal(artefactOf('consistent', 'not measured'), 'not measured');
    assert.equal(artefactOf('not run', 'not run'), 'not run');
  });

  test('stands in the table, beside both trends and the values', () => {
    const rows = cellsOf(textOf([2, 3, 1, 5, 4, 0]));
    assert.equal(rows[2]![0], 'equal steps');
    assert.match(rows[2]![1]!, /^\+1\.00 .*: consistent$/);
    assert.match(rows[2]![2]!, /: undecided$/);
    assert.equal(rows[2]![3], 'artefact');
    // Seeds at -0.1, 0, 0.1: Student's half-width 4.303 * 0.1 / sqrt(3).
    assert.deepEqual(rows.at(-1), ['6', '3', '5.00 ± 0.25', '0 ± 0.25']);
  });

  test('is none where the whole set moves in the same direction', () => {
    assert.equal(cellsOf(textOf([1, 2, 3, 4, 5, 6]))[2]![3], 'no artefact: CDNV shows it too');
  });
});

test('a regime whose batch size was not varied yet says so', () => {
  assert.match(
    inBatchText([regimeRuns('a', [madeStudy('plain-batch-size', [], batchSize)])]),
    /Regimes not run: \(a\)\./,
  );
});
