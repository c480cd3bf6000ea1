import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readPoints, readProvenance, resultFiles } from '../../experiments/2-estimators/points.ts';
import { between } from '../../experiments/markers.ts';
import { configHash, type Provenance, plannedHashes } from '../../experiments/provenance.ts';
import { pools, studies, studyPaths } from '../../experiments/studies.ts';
import { committedRows, documentTables, estimatorResults, here } from '../../experiments/write-results.ts';
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

describe('the estimators were tried on a run that a committed config asks for', () => {
  const provenance = readProvenance(estimatorResults);
  test('of that hash, and its figure is there', { skip: provenance === null && 'not run' }, () => {
    assert.ok(plannedHashes(rel(provenance!.config)).includes(provenance!.run));
    assert.ok(readPoints(estimatorResults).length > 0 && existsSync(resultFiles(estimatorResults).figure));
  });
});

describe("the documents' numbers are the results'", () => {
  const tables = documentTables();
  for (const { file, marker, text } of tables)
    test(`${file}, ${marker}`, () => assert.equal(between(readFileSync(rel(file), 'utf8'), marker), text));

  test('no document has a table between markers that the results do not make', () => {
    const made = tables.map(({ file, marker }) => `${file} ${marker}`);
    const marked = files
      .filter((file) => file.endsWith('.md'))
      .flatMap((file) =>
        [...readFileSync(rel(file), 'utf8').matchAll(/<!-- (\S+): written by npm run experiments -->/g)].map(
          ([, marker]) => `${file} ${marker}`,
        ),
      );
    assert.deepEqual(marked.sort(), made.sort());
  });
});

describe("the first page's sentences", () => {
  const lines = ['README.md', '8-study/README.md'].flatMap((file) =>
    readFileSync(rel(file), 'utf8').split('\n'),
  );
  const inTables = lines.filter((line) => line.startsWith('|')).join('\n');
  const page = readFileSync(rel('README.md'), 'utf8');
  const [study = ''] = page.split('## The study in one page\n')[1]!.split('\n## The folders');
  const prose = study.replaceAll(/^\|.*$/gm, '');
  const given = [...prose.matchAll(/[−+]?\d\.\d+\s\[[−+]?\d\.\d+,\s[−+]?\d\.\d+\]/g)].map(([text]) => text);

  test('give intervals', () => assert.ok(given.length >= 5));
  for (const text of given) {
    const cell = text.replace(/\s+/g, ' ');
    test(`${cell} stands in a table`, () =>
      assert.ok(inTables.includes(` ${cell}`) || inTables.includes(`+${cell}`)));
  }
});

describe('configs at small scale', () => {
  for (const study of studies) {
    const { file } = loadSweepFile(rel(studyPaths(study).config));
    const runs = expandSweep(file);

    test(`${study.id}: at least three seeds a configuration, and the study's key is what varies`, () => {
      const seeds = new Set(runs.map(({ config }) => config.seed));
      assert.ok(seeds.size >= 3);
      assert.equal(runs.length % seeds.size, 0);
      const varied = Object.keys(runs[0]!.parameters).filter((key) => key !== 'seed');
      const values = varied.map((key) => new Set(runs.map(({ parameters }) => parameters[key])).size);
      assert.equal(varied[0] ?? 'seed', study.key);
      assert.ok(
        values.every((count) => count * seeds.size === runs.length),
        'one value of each per configuration',
      );
    });

    test(`${study.id}: runs that stop at a loss are compared there and nowhere else`, () => {
      const stops = runs.filter(({ config }) => config.training.stopAtLoss !== undefined);
      assert.equal(stops.length, study.stopsAtLoss ? runs.length : 0);
      if (study.stopsAtLoss) assert.equal(study.equalLoss, null);
    });
  }

  for (const { studies: pooled } of pools)
    test(`${pooled.join(', ')} share one base configuration, and measure sharpness`, () => {
      const sweeps = pooled.map((id) => expandSweep(loadSweepFile(rel(`${id}.small.yaml`)).file));
      const common = sweeps[0]!.filter(({ hash }) =>
        sweeps.every((runs) => runs.some((run) => run.hash === hash)),
      );
      assert.ok(common.length >= 3);
      assert.ok(sweeps.flat().every(({ config }) => config.measure.sharpness !== undefined));
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

  test("the sweep of L2 is the paper's: 0 to 7.5e-4 at rate 0.02 and batch 256", () => {
    for (const file of paper.filter((each) => /[./]l2\.paper\.yaml$/.test(each))) {
      const configs = expandSweep(loadSweepFile(rel(file)).file).map(({ config }) => config.training);
      assert.deepEqual([...new Set(configs.map(({ l2 }) => l2))], [0, 1e-4, 2.5e-4, 5e-4, 7.5e-4], file);
      for (const { learningRate, batchSize } of configs)
        assert.deepEqual([learningRate, batchSize], [0.02, 256], file);
    }
  });
});
