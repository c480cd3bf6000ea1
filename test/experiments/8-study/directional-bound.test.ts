import assert from 'node:assert/strict';
import { test } from 'node:test';
import { directionalBoundText, quotientOf } from '../../../experiments/8-study/directional-bound.ts';
import { cellsOf, madeStudy, regimeRuns } from './synthetic-study.ts';

const directional = { bounded: 'sourceCdnvDirectional', by: 'sourceGeometricCollapseDirectional' };
/** Directional CDNV 1, geometric collapse 1 to 6, floor 0.4: quotients 2.5, 1.25, 0.83, 0.63, 0.5 and 0.42. */
const points = [1, 2, 3, 4, 5, 6].map((collapse) => ({
  name: `c${collapse}`,
  parameter: collapse,
  values: () => ({
    sourceCdnvDirectional: 1 + collapse / 1e6,
    sourceGeometricCollapseDirectional: collapse,
    poincareFloor: 0.4,
  }),
}));
const runs = madeStudy('plain-l2', points, { seeds: [0], losses: [1] });

test('the quotient is what is bounded over floor times collapse', () => {
  assert.ok(Math.abs(quotientOf(runs.rows[0]!, directional)! - 1.000001 / 0.4) < 1e-12);
  assert.equal(quotientOf({ ...runs.rows[0]!, values: {} }, directional), null);
});

test('the table counts checkpoints that the floor bounds, and says what was not measured', () => {
  const [, , first, second] = cellsOf(directionalBoundText([regimeRuns('a', [runs])]));
  // The median of 0.833 and 0.625; the bound orders the configurations as what it bounds.
  assert.deepEqual(first!.slice(1, 4), ['4 of 6', '0.729', '0.417 to 2.50']);
  assert.match(first![4]!, /^\+1\.00 \[.*, n = 6$/);
  assert.equal(second![1], 'not measured');
});
