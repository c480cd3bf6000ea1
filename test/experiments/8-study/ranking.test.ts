import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { rankingText, shortened } from '../../../experiments/8-study/ranking.ts';
import { logistic, nearestMean } from '../../../experiments/claims.ts';
import { predictorsOf } from '../../../experiments/predictors.ts';
import { cellsOf, madeStudy, pointsOf, regimeRuns } from './synthetic-study.ts';

const accuracy = [1, 2, 3, 4, 5, 6, 7, 8];
const nearly = [1, 2, 3, 4, 5, 6, 8, 7];
const noise = [4, 8, 2, 6, 1, 7, 3, 5];
const points = pointsOf(
  accuracy.map((value, at) => ({
    [logistic]: value,
    [nearestMean]: -value,
    ...Object.fromEntries(
      ['sourceNc1', 'sourceRankMe', 'sourceTwoNn', 'sourceCdnvBiasCorrected'].map((id) => [id, nearly[at]!]),
    ),
    sourceCdnv: value,
    sourceLogMe: noise[at]!,
    sourceNc2Equinorm: noise[at]!,
    sourceGc: noise[at]!,
    targetCdnvDirectional: -value,
    targetCdnv: noise[at]!,
  })),
);
const runs = madeStudy('transfer-l2', points);

describe('what ranks few-shot accuracy', () => {
  const text = rankingText([regimeRuns('b', [runs])]);

  test('is named apart for measures of the source and of the target', () => {
    assert.match(
      text,
      /Of the measures of the source, source CDNV ranks accuracy best over 8 configurations, \+1\.00/,
    );
    assert.match(
      text,
      /Of the measures of the target classes, target directional CDNV ranks accuracy best over 8 configurations, −1\.00/,
    );
  });

  test('shows the first five of each kind and what the study asks about, and counts the others', () => {
    const table = predictorsOf(
      runs.rows.filter(({ final }) => final),
      logistic,
      ({ hash }) => runs.planned.get(hash)!,
    );
    const shown = shortened(table).predictors.map(({ id }) => id);
    assert.equal(
      shown.filter((id) => /^source(Nc1|RankMe|TwoNn|CdnvBiasCorrected|Cdnv)$/.test(id)).length,
      5,
    );
    assert.ok(shown.includes('sourceGc') && shown.includes('targetCdnv'));
    assert.ok(!shown.includes('sourceLogMe') && !shown.includes('sourceNc2Equinorm'));
    assert.match(text, /Measures not shown: 2\./);
  });

  test('at equal loss has one row per readout, with source GC behind the best by its own interval', () => {
    const rows = cellsOf(text.slice(text.indexOf('Training loss 1:')));
    assert.deepEqual(
      rows.slice(2).map((cells) => cells.slice(0, 2)),
      [
        ['logistic', '8'],
        ['nearest mean', '8'],
      ],
    );
    assert.match(rows[2]![2]!, /^source CDNV, \+1\.00 \[/);
    assert.match(rows[3]![2]!, /^source CDNV, −1\.00 \[/);
    // |rho| of GC with accuracy: squared differences 9, 36, 1, 4, 16, 1, 16, 9 make 1 - 6 * 92 / 504.
    const behind = 1 - Math.abs(1 - (6 * 92) / 504);
    assert.equal(Number(rows[2]![3]!.split(' ')[0]), Number(behind.toFixed(2)));
  });
});

test('a regime without target classes, or without results, says so', () => {
  const vgg = regimeRuns('d', [madeStudy('vgg-l2', points, { transfer: false })]);
  assert.match(
    rankingText([vgg, regimeRuns('c', [])]),
    /No classes are held out here\.\n\nRegimes not run: \(c\)\.$/,
  );
});
