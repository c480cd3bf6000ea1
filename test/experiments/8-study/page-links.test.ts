import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pageLinksText } from '../../../experiments/8-study/page-links.ts';
import { logistic } from '../../../experiments/claims.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

/** Five configurations that fit and follow the chain, and one that does not fit and would turn it. */
const values = [1, 2, 3, 4, 5].map((n) => ({ sourceGc: 6 - n, targetCdnv: 6 - n, [logistic]: n }));
const knob = (name: string, of: Parameters<typeof pointsOf>[0], loss: number) => {
  const made = madeStudy(`plain-${name}`, pointsOf(of, name), { losses: [3, loss] });
  return { ...made, study: { ...made.study, title: `regime (a): ${name}` } };
};
const rate = knob('learning rate', values, 0.05);
const other = knob('momentum', [{ sourceGc: 0, targetCdnv: 99, [logistic]: 0 }], 0.2);

test('a regime some of whose configurations fit has a column of these beside that of all', () => {
  const rows = cellsOf(pageLinksText([regimeRuns('a', [rate, other])]));
  assert.deepEqual(rows[0], ['link', 'reported', '(a), n = 6', '(a), the 5 that fit']);
  const middle = rows.find(([link]) => link === 'source GC → target CDNV')!;
  assert.equal(middle[1], 'rises');
  // Ranks 2 to 6 and 1 against 2 to 6 and 7, less the outlier's: 1 - 6 * 30 / 210.
  assert.match(middle[2]!, /^\+0\.14 \[[^\]]+\]: undecided$/);
  assert.match(middle[3]!, /^\+1\.00 \[[^\]]+\]: consistent$/);
});

test('what was not measured says so, and a link beyond fit has a row of its own', () => {
  const rows = cellsOf(pageLinksText([regimeRuns('a', [rate, other])]));
  const cell = (link: string): string => rows.find(([name]) => name === link)![2]!;
  assert.equal(cell('source GC → source CDNV'), 'not measured');
  assert.equal(cell('source GC → 5-shot logistic, held fixed'), 'too few configurations');
});

test('where all configurations fit, or none, there is one column; without runs no table', () => {
  assert.equal(cellsOf(pageLinksText([regimeRuns('a', [rate])]))[0]!.length, 3);
  assert.equal(pageLinksText([regimeRuns('a', [])]), 'Not run.');
});
