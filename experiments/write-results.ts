import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../src/files/atomic.ts';
import { readSweep } from '../src/report/read-runs.ts';
import { reportPaths, writeReport } from '../src/report/write-report.ts';
import { readPoints, readProvenance } from './2-estimators/points.ts';
import { estimatorText } from './2-estimators/tables.ts';
import { publishedText } from './7-published/published.ts';
import { committedDocuments, committedFigures } from './8-study/documents.ts';
import { isOfStudy } from './8-study/regimes.ts';
import { readStudyRuns, sampleOf } from './8-study/study-runs.ts';
import { boundTables } from './bound-table.ts';
import { confoundText } from './confound-check.ts';
import { inPlansOrder, keptResults, plannedParameters, withOrigins } from './kept-results.ts';
import { between, replaceBetween, withMarkers } from './markers.ts';
import { overviewTable } from './overview.ts';
import { plannedHashes, provenanceOf, readProvenanceAt } from './provenance.ts';
import { pools, type Study, studies, studyPaths } from './studies.ts';
import { studyTables } from './tables.ts';
import { type CheckpointValues, checkpointValues, fromCsv, toCsv } from './values.ts';

/** experiments/ itself. */
export const here = import.meta.dirname;
export const estimatorResults = join(here, '2-estimators', 'results');

/**
 * Writes a study's CSV, provenance and figures from its sweep's folder. Committed rows stay where the folder lacks their runs;
 * figures are then left as they are, as they need every run's folder.
 */
export async function writeStudyResults(study: Study, sweepFolder: string): Promise<void> {
  const paths = studyPaths(study);
  const planned = plannedParameters(join(here, paths.config), study.key);
  const inFolder = checkpointValues(sweepFolder, study.key).filter(({ hash }) => planned.has(hash));
  const kept = keptResults(study, planned, inFolder, allCommitted());
  const rows = inPlansOrder(planned, [...inFolder, ...kept.flatMap((each) => each.rows)]);
  const origins = kept.flatMap(
    (each) => readProvenanceAt(join(here, studyPaths(each.study).provenance)) ?? [],
  );
  const { runs } = readSweep(sweepFolder);
  const provenance = withOrigins(provenanceOf(paths.config, [...planned.keys()], rows, runs), origins, rows);
  mkdirSync(dirname(join(here, paths.results)), { recursive: true });
  writeFileAtomic(join(here, paths.results), toCsv(rows));
  writeFileAtomic(join(here, paths.provenance), `${JSON.stringify(provenance, null, 2)}\n`);
  if (study.figures.length === 0 || kept.length > 0) return;
  await writeReport(sweepFolder);
  for (const figure of study.figures) {
    const drawn = join(reportPaths(sweepFolder).figures, `${figure}.svg`);
    if (existsSync(drawn)) copyFileSync(drawn, join(here, paths.figure(figure)));
  }
}

/** A study's committed rows; none where it has not been run. */
export function committedRows(study: Study): readonly CheckpointValues[] {
  const path = join(here, studyPaths(study).results);
  return existsSync(path) ? fromCsv(readFileSync(path, 'utf8')) : [];
}

export interface DocumentTable {
  readonly file: string;
  readonly marker: string;
  /** Of the section that is added where the document has no such markers. */
  readonly heading: string;
  readonly text: string;
}

const allCommitted = () => studies.map((study) => ({ study, rows: committedRows(study) }));

/** The first page's figures, by their paths here: made of the committed results alone. */
export const documentFigures = () => committedFigures(allCommitted());

const hasPlace = (file: string, marker: string): boolean =>
  existsSync(join(here, file)) && between(readFileSync(join(here, file), 'utf8'), marker) !== null;

/** What stands between the markers of each README, by file and marker: made of the committed results alone. */
export function documentTables(): readonly DocumentTable[] {
  const all = allCommitted();
  const shown = all.filter(
    ({ study, rows }) => rows.length > 0 || hasPlace(studyPaths(study).readme, study.id),
  );
  const each = shown.map(({ study, rows }) => ({
    file: studyPaths(study).readme,
    marker: study.id,
    heading: `${study.title[0]!.toUpperCase()}${study.title.slice(1)}\n\n${study.question}`,
    text:
      rows.length === 0
        ? 'Not run.'
        : study.key === 'seed'
          ? boundTables(rows)
          : studyTables(study, judgedRows(study, rows)),
  }));
  const confounds = pools.map(({ readme, studies: pooled }) => ({
    file: readme,
    marker: 'predictors',
    heading: 'Confound check',
    text: confoundText(all.filter(({ study, rows }) => pooled.includes(study.id) && rows.length > 0)),
  }));
  const firstChapter = all.filter(({ study }) => !isOfStudy(study));
  const planned = firstChapter.map((entry) => ({
    ...entry,
    planned: plannedHashes(join(here, studyPaths(entry.study).config)).length,
  }));
  const overview = {
    file: 'README.md',
    marker: 'overview',
    heading: 'Overview',
    text: overviewTable(planned),
  };
  const published = {
    file: '7-published/README.md',
    marker: '7-published',
    heading: 'Published numbers',
    text: publishedText(),
  };
  return [overview, ...committedDocuments(all), ...each, ...confounds, estimators(), published];
}

/** PLAN.md leaves configurations with a failed run out of every test; the first chapter has no such plan. */
const judgedRows = (study: Study, rows: readonly CheckpointValues[]): readonly CheckpointValues[] =>
  isOfStudy(study) ? sampleOf([readStudyRuns(study, rows)]).rows : rows;

function estimators(): DocumentTable {
  const provenance = readProvenance(estimatorResults);
  const text = provenance === null ? 'Not run.' : estimatorText(readPoints(estimatorResults), provenance);
  return { file: '2-estimators/README.md', marker: '2-estimators', heading: 'Estimators', text };
}

/** Rewrites the figures, and the tables in the READMEs; a study that is in none gets a section, and a folder without a README gets one. */
export async function writeDocuments(): Promise<void> {
  for (const [path, svg] of await documentFigures()) {
    mkdirSync(dirname(join(here, path)), { recursive: true });
    writeFileAtomic(join(here, path), svg);
  }
  for (const { file, marker, heading, text } of documentTables()) {
    const path = join(here, file);
    const before = existsSync(path) ? readFileSync(path, 'utf8') : `# ${dirname(file)}\n`;
    const document = hasPlace(file, marker) ? before : withMarkers(before, marker, heading);
    writeFileAtomic(path, replaceBetween(document, marker, text));
  }
}
