import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { blocks, hasEnded, progressOf, progressText } from '../../../experiments/8-study/progress.ts';
import { isOfStudy } from '../../../experiments/8-study/regimes.ts';
import { readStudyRuns } from '../../../experiments/8-study/study-runs.ts';
import { studies } from '../../../experiments/studies.ts';
import { here } from '../../../experiments/write-results.ts';
import { cellsOf, hashOf, madeStudy, pointsOf } from './synthetic-study.ts';

const plan = readFileSync(join(here, 'PLAN.md'), 'utf8');

describe("the committed configs against the plan's", () => {
  test('blocks are those of the plan, in its order', () => {
    const [, text] = plan.split('## Order and cost');
    const listed = cellsOf(text!.split('## ')[0]!)
      .filter(([order]) => /^\d+$/.test(order!))
      .map(([order, title]) => `${order} ${title}`);
    assert.deepEqual(
      blocks.map(({ order, title }) => `${order} ${title}`),
      listed,
    );
  });

  test('they ask for as many runs as its grids: a base that knobs share counts in the first block', () => {
    const planned = progressOf(studies.filter(isOfStudy).map((study) => readStudyRuns(study, [])));
    const grids = [24 + 21, 15, 21 + 21 + 15, 60, 12 + 12];
    assert.deepEqual(
      planned.slice(0, 5).map((each) => each.planned),
      grids,
    );
    assert.equal(planned[7]!.planned, 21);
  });
});

describe('how far the study has come', () => {
  const [base, ...more] = pointsOf([{ sourceGc: 1 }, { sourceGc: 2 }, { sourceGc: 3 }]);
  const failure = { hash: hashOf('c1', 2), name: 'lr0.3-s2', reason: 'loss is NaN at step 3' };
  const rates = madeStudy('plain-learning-rate', [base!, more[0]!], {
    wasRun: (name, seed) => name !== 'c1' || seed < 2,
    failed: [failure],
  });
  const l2 = madeStudy('plain-l2', [base!, more[1]!], {
    wasRun: (name, seed) => name === 'c0' && seed === 0,
  });
  const own = madeStudy('other-thing', pointsOf([{ sourceGc: 1 }], 'o'), { wasRun: () => false });

  test('counts runs done, failed and planned in each block, shared runs in the first', () => {
    const found = progressOf([rates, l2, own]).filter(({ planned }) => planned > 0);
    assert.deepEqual(
      found.map(({ planned, done, failed }) => [planned, done, failed]),
      [
        [6, 5, 1],
        [3, 0, 0],
        [3, 0, 0],
      ],
    );
    assert.match(found[2]!.title, /^not in the plan: /);
  });

  test('says in words what has ended, is under way or was not run, and names failed runs', () => {
    const text = progressText([rates, l2]);
    const state = (start: string): string | undefined =>
      cellsOf(text)
        .find(([title]) => title!.startsWith(start))
        ?.at(-1);
    assert.equal(state('1.'), 'ended');
    assert.equal(state('3.'), 'not run');
    assert.equal(state('6.'), 'not run: no config');
    assert.equal(state('all'), 'under way');
    assert.match(text, /- `lr0\.3-s2`, of the plain-learning-rate in regime \(a\): loss is NaN at step 3$/);
    assert.doesNotMatch(progressText([l2]), /Failed runs/);
  });

  test('a sweep has ended when every run has, well or badly', () => {
    assert.equal(hasEnded([rates]), true);
    assert.equal(hasEnded([rates, l2]), false);
  });
});
