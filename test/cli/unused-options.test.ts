import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refusalOf } from './in-process.ts';

// The files are missing: an option that does nothing is refused before any file is read.
const cases: readonly (readonly [line: string, says: string])[] = [
  ['measure none --share 0.3', '--share: does nothing with --estimator hutchinson; it is of masked'],
  [
    'measure none --estimator exact --probes 2',
    '--probes: does nothing with --estimator exact; it is of hutchinson and outputs',
  ],
  [
    'measure none --estimator outputs --probe-space input',
    '--probe-space: does nothing with --estimator outputs; it is of hutchinson',
  ],
  [
    'measure none --estimator masked --distribution sphere',
    '--distribution: does nothing with --estimator masked; it is of hutchinson',
  ],
  ['eval none.npz --readout knn --alpha 3', '--alpha: does nothing with --readout knn; it is of ridge'],
  ['eval none.npz --k 3', '--k: does nothing with --readout logistic,nearest-mean; it is of knn'],
  [
    'eval none.npz --metric cosine',
    '--metric: does nothing with --readout logistic,nearest-mean; it is of knn',
  ],
  ['eval none.npz --readout ridge --C 2', '--C: does nothing with --readout ridge; it is of logistic'],
  ['eval none --steps 4', '--steps: does nothing with --readout logistic,nearest-mean; it is of fine-tune'],
  ['eval none.npz --validation other.npz', '--validation: does nothing with --C 1; it is of --C auto'],
  [
    'eval none.npz --shots all --disjoint',
    '--disjoint: does nothing with --shots all, which draws no episodes',
  ],
  ['compare none --descending', '--descending: does nothing without --sort, which says by what'],
  [
    'compare none.csv other.csv --sort seed',
    '--sort: does nothing with two tables of episodes; it is of folders',
  ],
  ['compare none.csv other.csv --md', '--md: does nothing with two tables of episodes; it is of folders'],
  [
    'sweep none.yaml --dry-run --status',
    '--dry-run: does nothing with --status, which shows how the runs stand; give one of the two',
  ],
  [
    'train none.yaml --status --force',
    '--force: does nothing with --status, which shows the runs that are there; --dry-run shows new ones',
  ],
];

test('an option that a command does nothing with is refused in one line, which says what it is of', async () => {
  for (const [line, says] of cases) assert.equal(await refusalOf(line.split(' ')), says, line);
});

test('such an option is taken where one of the readouts or of the shots reads it', async () => {
  for (const line of [
    'eval none.npz --readout knn,ridge --alpha 3 --k 2 --metric cosine',
    'eval none.npz --shots 1,all --episodes 5 --disjoint',
    'measure none --estimator masked --share 0.3',
    'compare none --sort seed --descending',
    'compare none --md',
    'sweep none.yaml --status --jobs 2 --retry-failed --fail-fast',
    'sweep none.yaml --dry-run --force',
    'measure none --probes 2 --probe-space input --distribution sphere',
  ])
    assert.match(await refusalOf(line.split(' ')), /none/, line);
});
