import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageKnobsText } from '../../../experiments/8-study/page-knobs.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** GC and accuracy follow the paper, CDNV of the source does not, and one configuration lacks CDNV of the target. */
const points = [1, 2, 3, 4, 5, 6].map((n) => ({
  ...{ sourceGc: -n, sourceCdnv: n, targetCdnv: n === 6 ? null : -n, [logistic]: n },
}));
const knob = (name: string) => {
  const made = madeStudy(`plain-${name}`, pointsOf(points, name));
  return { ...made, study: { ...made.study, title: `regime (a): ${name}` } };
};
const rows = cellsOf(pageKnobsText([regimeRuns('a', [knob('momentum'), knob('learning-rate')])]));

test('a knob has one row with all that it moves, in the plan’s order of knobs', () => {
  assert.deepEqual(
    rows.slice(2).map(([name, n]) => [name, n]),
    [
      ['(a) learning-rate', '6'],
      ['(a) momentum', '6'],
    ],
  );
});

test('each verdict is over the knob’s own configurations, and says where fewer of them have the quantity', () => {
  const cells = Object.fromEntries(rows[0]!.map((head, at) => [head, rows[2]![at]!]));
  assert.match(cells['source GC']!, /^−1\.00 \[[^\]]+\]: consistent$/);
  assert.match(cells['source CDNV']!, /^\+1\.00 \[[^\]]+\]: opposite$/);
  assert.match(cells['target CDNV']!, /^−1\.00 \[[^\]]+\], n = 5: consistent$/);
  assert.equal(cells['directional target CDNV'], 'not measured');
  assert.match(cells['5-shot logistic']!, /^\+1\.00 \[[^\]]+\]: consistent$/);
});

test('without runs there is no table', () => {
  assert.equal(pageKnobsText([regimeRuns('a', [])]), 'Not run.');
});
