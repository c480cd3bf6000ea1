import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { between } from '../../experiments/markers.ts';
import { configHash, type Provenance, plannedHashes } from '../../experiments/provenance.ts';
import { studies, studyPaths } from '../../experiments/studies.ts';
import { committedRows, documentTables, here } from '../../experiments/write-results.ts';
import { expandSweep } from '../../src/config/expand.ts';
import { loadSweepFile } from '../../src/config/load.ts';

const rel = (path: string): string => join(here, path);
const files = readdirSync(here, { recursive: true, encoding: 'utf8' }).map((path) =>
  path.replaceAll('\\', '/'),
);
const finished = studies.filter((study) => existsSync(rel(studyPaths(study).results)));

describe('committed results come from the committed configs', () => {
  test('there are some', () => assert.ok(finished.length > 0));

  for (const study of finished) {
    const paths = studyPaths(study);
    const planned = plannedHashes(rel(paths.config));
    const provenance = JSON.parse(readFileSync(rel(paths.provenance), 'utf8')) as Provenance;
    const hashes = new Set(committedRows(study).map(({ hash }) => hash));

    test(`${study.id}: the config's hash is the one that the results name`, () => {
      assert.equal(provenance.config, paths.config);
      assert.equal(provenance.configHash, configHash(planned));
      assert.equal(provenance.plannedRuns, planned.length);
    });

    test(`${study.id}: every row is a run that the config asks for, and none is missing unsaid`, () => {
      assert.deepEqual(
        [...hashes].filter((hash) => !planned.includes(hash)),
        [],
      );
      assert.equal(provenance.finishedRuns, hashes.size);
    });

    test(`${study.id}: each run ends in one last checkpoint, and each figure is there`, () => {
      const last = committedRows(study).filter(({ final }) => final);
      assert.equal(last.length, hashes.size);
      for (const figure of study.figures) assert.ok(existsSync(rel(paths.figure(figure))), figure);
    });
  }
});

describe("the documents' numbers are the results'", () => {
  for (const { file, marker, text } of documentTables())
    test(`${file}, ${marker}`, () => assert.equal(between(readFileSync(rel(file), 'utf8'), marker), text));

  test('no document has a table between markers that the results do not make', () => {
    const made = new Set(documentTables().map(({ file, marker }) => `${file} ${marker}`));
    const marked = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...readFileSync(rel(file), 'utf8').matchAll(/<!-- (\S+): written by npm run experiments -->/g)].map(
          ([, marker]) => `${file} ${marker}`,
        ),
      );
    const empty = (entry: string): boolean => {
      const [file = '', marker = ''] = entry.split(' ');
      return between(readFileSync(rel(file), 'utf8'), marker) === 'Not run.';
    };
    assert.deepEqual(
      marked.filter((entry) => !made.has(entry) && !empty(entry)),
      [],
    );
  });
});

describe("configs at the paper's scale", () => {
  const paper = files.filter((file) => file.endsWith('paper.yaml'));

  test('every study has some', () => {
    for (const folder of ['1-training-sweeps', '3-bound', '4-transfer', '5-penalty'])
      assert.ok(
        paper.some((file) => file.startsWith(`${folder}/`)),
        folder,
      );
  });

  for (const file of paper)
    test(`${file} expands, with five seeds a configuration`, () => {
      const loaded = loadSweepFile(rel(file)).file;
      assert.deepEqual(loaded.sweep?.seeds, [0, 1, 2, 3, 4]);
      assert.equal(expandSweep(loaded).length % 5, 0);
    });
});
