import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { studyDocuments } from '../../../experiments/8-study/documents.ts';
import { isOfStudy } from '../../../experiments/8-study/regimes.ts';
import { readStudyRuns, type StudyRuns } from '../../../experiments/8-study/study-runs.ts';
import { between } from '../../../experiments/markers.ts';
import { studies } from '../../../experiments/studies.ts';
import { here } from '../../../experiments/write-results.ts';

const committed = studies.filter(isOfStudy);
const empty = committed.map((study) => ({ ...readStudyRuns(study, []), failed: [] }));

/** A committed config's runs with made-up values, which say nothing but that the tables can be made of them. */
const filled = (runs: StudyRuns): StudyRuns => ({
  ...runs,
  rows: [...runs.planned].flatMap(([hash], index) =>
    [3, 0.9, 0.05].map((sourceTrainLoss, at) => ({
      ...{ hash, parameter: Math.floor(index / 3), seed: index % 3, epoch: at, step: at, final: at === 2 },
      values: {
        sourceTrainLoss,
        ...{ sourceGc: (index * 7) % 11, sourceTestAccuracy: (index * 5) % 13, targetCdnv: (index * 3) % 7 },
      },
    })),
  ),
});

describe("the study's tables", () => {
  for (const [name, given] of [
    ['no config', []],
    ['no results', empty],
  ] as const)
    test(`of ${name} say "not run", each of them`, () => {
      for (const { marker, text } of studyDocuments(given)) assert.match(text, /not run/i, marker);
    });

  test('of some results show these and say of the others that they were not run', () => {
    const some = empty.map((runs) => (runs.study.id === '8-study/plain-learning-rate' ? filled(runs) : runs));
    const texts = new Map(studyDocuments(some).map(({ marker, text }) => [marker, text]));
    assert.match(texts.get('links')!, /\*\*Regime \(a\), plain\*\*/);
    assert.match(texts.get('links')!, /Regimes not run: \(b\), \(b'\)/);
    assert.match(
      texts.get('progress')!,
      /\| 1\. \(a\) learning rate, batch size +\| 24 +\| 45 +\| 0 +\| under way/,
    );
    assert.match(texts.get('directional-bound')!, /not measured/);
  });

  test("have a place each, two on the first page and the others in the study's README", () => {
    for (const { file, marker } of studyDocuments([])) {
      assert.equal(file, marker.startsWith('page-') ? 'README.md' : '8-study/README.md');
      assert.notEqual(between(readFileSync(join(here, file), 'utf8'), marker), null, marker);
    }
  });
});
