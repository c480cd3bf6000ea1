import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { estimatorTables, largestBias } from '../../experiments/2-estimators/tables.ts';
import { correlationOf, logistic, verdictOf, verdictText } from '../../experiments/claims.ts';
import { overviewTable } from '../../experiments/overview.ts';
import type { Study } from '../../experiments/studies.ts';
import { studyTables } from '../../experiments/tables.ts';
import type { CheckpointValues } from '../../experiments/values.ts';

const study: Study = {
  id: '4-transfer/learning-rate',
  title: 'learning rate',
  question: 'Does a higher rate do so?',
  key: 'training.learningRate',
  reported: -1,
  equalLoss: 1,
  stopsAtLoss: false,
  figures: [],
  transfer: true,
};

/** Two checkpoints per run, GC as given, accuracy falling with GC, target CDNV in an order that tells nothing. */
const runs = (complexities: readonly number[]): readonly CheckpointValues[] =>
  complexities.flatMap((sourceGc, index) =>
    [2, 0.5].map((sourceTrainLoss, at) => ({
      hash: `run ${index}`,
      parameter: index + 1,
      seed: 0,
      epoch: at,
      step: at,
      final: at === 1,
      values: {
        sourceTrainLoss,
        sourceGc,
        sourceGeometricCollapse: sourceGc,
        targetCdnv: [3, 1, 4, 2, 6, 5, 7, 8][(index * 3) % 8]!,
        [logistic]: 1 / (1 + sourceGc),
      },
    })),
  );
const falling = runs([8, 7, 6, 5, 4, 3, 2, 1]);
const final = falling.filter((row) => row.final);

describe('what the runs say of a claim', () => {
  const toGc = { from: 'parameter', to: 'sourceGc', sign: -1 } as const;

  test('a rare order is consistent or the opposite, by its sign', () => {
    const found = correlationOf(final, toGc);
    assert.equal(found !== null && found !== 'few' && found.value, -1);
    assert.equal(verdictOf(found, -1), 'consistent');
    assert.equal(verdictOf(found, 1), 'opposite');
    assert.match(verdictText(found, -1), /^−1\.00 \[−1\.00, −0\.\d\d\], p < 0\.001, n = 8: consistent/);
  });

  test('a common order decides nothing, and three configurations or no variation neither', () => {
    const link = { from: 'sourceGc', to: 'targetCdnv', sign: 1 } as const;
    assert.equal(verdictOf(correlationOf(final, link), 1), 'undecided');
    assert.equal(verdictOf(correlationOf(final.slice(0, 3), toGc), -1), 'too few configurations');
    const constant = final.map((row) => ({ ...row, values: { ...row.values, sourceGc: 1 } }));
    assert.equal(verdictOf(correlationOf(constant, toGc), -1), 'no variation');
  });
});

describe('overview', () => {
  const cellsOf = (table: string): readonly string[] =>
    table
      .split('\n')[2]!
      .split('|')
      .slice(3, -1)
      .map((cell) => cell.trim());

  test('has a verdict per link, and counts runs and configurations, not checkpoints', () => {
    const cells = cellsOf(overviewTable([{ study, rows: falling, planned: 9 }]));
    assert.deepEqual(cells, [
      '8 of 9',
      '8',
      'consistent',
      'consistent',
      'too few configurations',
      'undecided',
      'undecided',
      'consistent',
    ]);
  });

  test('says where nothing was run', () => {
    assert.deepEqual(cellsOf(overviewTable([{ study, rows: [], planned: 9 }])).slice(0, 2), ['not run', '-']);
  });

  test('links to a README that the results make, and not to one that nothing makes', () => {
    const fresh = { ...study, id: '9-none/fresh' };
    assert.match(
      overviewTable([{ study: fresh, rows: falling, planned: 9 }]),
      /\[9-none\/fresh\]\(9-none\/README.md\)/,
    );
    assert.match(overviewTable([{ study: fresh, rows: [], planned: 9 }]), /\| 9-none\/fresh +\|/);
  });

  test('shows both settings where they differ', () => {
    const turned = falling.map((row) =>
      row.final ? row : { ...row, values: { ...row.values, sourceGc: 1e6 / row.values.sourceGc! ** 9 } },
    );
    assert.match(overviewTable([{ study, rows: turned, planned: 9 }]), /consistent \/ undecided/);
  });
});

test('runs that were stopped at a loss are compared once', () => {
  assert.match(studyTables(study, falling), /Equal training loss of 1 nat/);
  const stopped = studyTables({ ...study, equalLoss: null, stopsAtLoss: true }, falling);
  assert.match(stopped, /\| stopped at a training loss /);
  assert.doesNotMatch(stopped, /Equal (epochs|training loss)/);
});

describe('tables of the estimators', () => {
  const point = (amount: number, value: number, repeat: number) => ({
    study: 'examples',
    estimator: 'exact rows',
    amount,
    repeat,
    value,
    exact: 10,
    relativeError: Math.abs(value / 10 - 1),
  });
  const points = [point(1, 12, 1), point(1, 9, 2), point(2, 10, 1), point(2, 10, 2)];

  test('are means of the relative errors', () => {
    const cells = estimatorTables(points)
      .split('\n')[2]!
      .split('|')
      .map((cell) => cell.trim());
    assert.deepEqual(cells.slice(1, 4), ['exact rows', '15 %', '0']);
  });

  test('the largest bias is in standard errors of the mean: 0.5 / 1.5 here', () => {
    assert.ok(Math.abs(largestBias(points) - 1 / 3) < 1e-12);
  });
});
