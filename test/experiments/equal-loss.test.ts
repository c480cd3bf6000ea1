import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atEnd, atLoss } from '../../experiments/equal-loss.ts';
import { between, replaceBetween } from '../../experiments/markers.ts';
import { distinctRuns, predictorsTable } from '../../experiments/predictors.ts';
import { type CheckpointValues, fromCsv, toCsv } from '../../experiments/values.ts';
import { partialSpearman } from '../../src/statistics/partial-correlation.ts';

/** Checkpoints of one run, 100 steps apart, with the given losses; GC is 2^(step/100). */
const run = (hash: string, losses: readonly number[]): readonly CheckpointValues[] =>
  losses.map((sourceTrainLoss, index) => ({
    hash,
    parameter: 0.1,
    seed: 0,
    epoch: 4 * index,
    step: 100 * index,
    final: index === losses.length - 1,
    values: { sourceTrainLoss, sourceGc: 2 ** index, cosine: index - 1, sourceNc1: index < 2 ? null : 1 },
  }));

describe('runs at equal training loss', () => {
  test('a value lies between the checkpoints around the loss: logarithmic where positive, else linear', () => {
    const [found] = atLoss(run('a', [3, 2, 1]), 1.5);
    assert.equal(found?.epoch, 6);
    assert.equal(found?.step, 150);
    assert.ok(Math.abs(found!.values.sourceGc! - 2 ** 1.5) < 1e-12);
    assert.equal(found?.values.cosine, 0.5);
    assert.equal(found?.values.sourceTrainLoss, 1.5);
  });

  test('the first passage counts, also where the loss rises again later', () => {
    assert.equal(atLoss(run('a', [3, 1, 2, 0.5]), 1)[0]?.step, 100);
  });

  test('a run that never passes the loss, or starts below it, is left out', () => {
    assert.deepEqual(atLoss([...run('a', [3, 2]), ...run('b', [0.9, 0.8])], 1), []);
  });

  test('what is undefined at either side is undefined', () => {
    assert.equal(atLoss(run('a', [3, 2, 1]), 1.5)[0]?.values.sourceNc1, null);
  });

  test('equal epochs are the last checkpoints', () => {
    assert.deepEqual(
      atEnd([...run('a', [3, 2]), ...run('b', [3, 1])]).map(({ hash, step }) => [hash, step]),
      [
        ['a', 100],
        ['b', 100],
      ],
    );
  });
});

describe('results files and documents', () => {
  test('a CSV is read as it was written, undefined values too', () => {
    const rows = run('0a1b2c3d', [3, 2.5, 1e-7]);
    assert.deepEqual(fromCsv(toCsv(rows)), rows);
  });

  test('only what stands between the markers is replaced', () => {
    const text = 'before\n<!-- x: written by npm run experiments -->\nold\n<!-- /x -->\nafter\n';
    const now = replaceBetween(text, 'x', 'new');
    assert.equal(between(now, 'x'), 'new');
    assert.ok(now.startsWith('before\n') && now.endsWith('-->\nafter\n') && !now.includes('old'));
    assert.throws(() => replaceBetween(text, 'y', 'new'), RangeError);
  });
});

describe('table of predictors', () => {
  const finals = Array.from(
    { length: 12 },
    (_, index): CheckpointValues => ({
      hash: String(index),
      parameter: index,
      seed: 0,
      epoch: 1,
      step: 1,
      final: true,
      values: {
        sourceGc: -index,
        sourceGeometricCollapse: 1,
        sourceTrainLoss: [5, 3, 8, 1, 2, 7, 4, 6, 0, 9, 11, 10][index]!,
        sourceTestAccuracy: [2, 7, 4, 6, 0, 9, 11, 10, 5, 3, 8, 1][index]!,
        accuracy: index,
      },
    }),
  );
  /** Predictor, n, Spearman, given the fit, GC given the predictor, behind the best. */
  const rowOf = (label: string, rows = finals): readonly string[] | undefined =>
    predictorsTable(rows, 'accuracy', ({ hash }) => hash)
      .split('\n')
      .map((line) => line.split('|').map((cell) => cell.trim().replaceAll('−', '-')))
      .find((cells) => cells[1] === label)
      ?.slice(1);
  const number = (cell: string | undefined): number => Number(cell?.split(' ')[0]);

  test('a predictor that orders the runs perfectly has rho -1, alone and with the controls held fixed', () => {
    const cells = rowOf('source GC')!;
    assert.deepEqual([cells[1], number(cells[2]), number(cells[3])], ['12', -1, -1]);
  });

  test("each cell is the partial rank correlation, and one column is GC's with the predictor held fixed", () => {
    const moved = finals.map((row, index) => ({
      ...row,
      values: { ...row.values, sourceGc: [3, 1, 4, 9, 5, 2, 6, 8, 7, 10, 0, 11][index]! },
    }));
    const of = (id: string): readonly number[] =>
      moved.map(({ values }) => (values as Record<string, number>)[id]!);
    const rounded = (x: string, held: readonly string[]): number =>
      Number(partialSpearman(of(x), of('accuracy'), held.map(of))!.value.toFixed(2));
    const [loss, test] = ['sourceTrainLoss', 'sourceTestAccuracy'] as const;
    const ofGc = rowOf('source GC', moved)!;
    assert.deepEqual(ofGc.slice(2, 4).map(number), [
      rounded('sourceGc', []),
      rounded('sourceGc', [loss, test]),
    ]);
    const ofLoss = rowOf('source training loss', moved)!;
    assert.deepEqual(ofLoss.slice(2, 5).map(number), [
      rounded(loss, []),
      rounded(loss, [test]),
      rounded('sourceGc', [loss]),
    ]);
  });

  test('a predictor that does not vary says so; one that the file has not is left out', () => {
    assert.equal(rowOf('source geometric collapse')![2], 'no variation');
    assert.equal(rowOf('source CDNV'), undefined);
  });

  test('a run that two sweeps share counts once', () => {
    assert.equal(distinctRuns([...finals, ...finals.slice(0, 3)]).length, 12);
  });
});
