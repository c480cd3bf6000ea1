import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { studyFigures } from '../../../experiments/8-study/figures.ts';
import { documentFigures, here } from '../../../experiments/write-results.ts';
import { hashOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const values = (sourceGc: number, targetCdnv: number, accuracy: number) => ({
  ...{ sourceGc, targetCdnv, targetCdnvDirectional: targetCdnv / 10 },
  '5way_5shot_logistic': accuracy,
});
const runs = regimeRuns('b', [
  madeStudy('transfer-learning-rate', pointsOf([values(40, 2, 0.5), values(20, 1.5, 0.7)])),
]);

describe("the first page's figures", () => {
  const figures = studyFigures([runs]);
  const rowsOf = (id: string) => figures.find((each) => each.id === id)!.rows;

  test('are the knobs, the middle link and the last one', () => {
    assert.deepEqual(
      figures.map(({ id }) => id),
      ['knobs', 'middle-link', 'last-link'],
    );
    assert.deepEqual(studyFigures([]), []);
  });

  test('show every run over its knob', () => {
    const found = rowsOf('knobs').map(({ value, seed, y }) => [value, seed, y]);
    assert.deepEqual(found.slice(0, 3), [
      [1, 0, 39.9],
      [1, 1, 40],
      [1, 2, 40.1],
    ]);
    assert.equal(found.length, 6);
  });

  test('leave out a configuration with a failed run, as the tests do', () => {
    const points = pointsOf([values(40, 2, 0.5), values(20, 1.5, 0.7)]);
    const failed = [{ name: 'r', hash: hashOf(points[0]!.name, 2), reason: 'loss is NaN' }];
    const wasRun = (name: string, seed: number) => name !== points[0]!.name || seed !== 2;
    const [knobs] = studyFigures([
      regimeRuns('b', [madeStudy('transfer-learning-rate', points, { failed, wasRun })]),
    ]);
    assert.deepEqual(new Set(knobs!.rows.map(({ value }) => value)), new Set([2]));
  });

  test("show configurations' means with Student's interval over seeds", () => {
    const [first] = rowsOf('middle-link');
    const half = 4.302652729911275 * (0.1 / Math.sqrt(3));
    for (const [found, expected] of [
      [first!.x, 40],
      [first!.xLow, 40 - half],
      [first!.yHigh, 2 + half],
    ])
      assert.ok(Math.abs(Number(found) - Number(expected)) < 1e-9, `${found}, not ${expected}`);
    assert.ok(Math.abs(Number(rowsOf('last-link')[1]!.y) - 70) < 1e-9);
  });

  test('show two seeds without an interval, which would be twelve times their half-distance', () => {
    const points = pointsOf([values(40, 2, 0.5)]);
    const [, middle] = studyFigures([
      regimeRuns('b', [madeStudy('transfer-learning-rate', points, { wasRun: (_, seed) => seed < 2 })]),
    ]);
    const [only] = middle!.rows;
    assert.deepEqual([only!.xLow, only!.xHigh], [only!.x, only!.x]);
  });

  test('are drawn from the committed results', async () => {
    await documentFigures();
    // Not the first drawing of the process.
    const drawn = await documentFigures();
    assert.ok(drawn.size > 0);
    for (const [path, svg] of drawn) {
      assert.ok(existsSync(join(here, path)), path);
      assert.equal(readFileSync(join(here, path), 'utf8'), svg, path);
    }
  });
});
