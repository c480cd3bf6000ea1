import { copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readSweep } from '../src/report/read-runs.ts';
import { reportPaths, writeReport } from '../src/report/write-report.ts';
import { writeFileAtomic } from '../src/run/atomic.ts';
import { boundTables } from './bound-table.ts';
import { atEnd, atLoss } from './equal-loss.ts';
import { replaceBetween } from './markers.ts';
import { distinctRuns, predictorsTable } from './predictors.ts';
import { plannedHashes, provenanceOf } from './provenance.ts';
import { type Study, studies, studyPaths } from './studies.ts';
import { studyTables } from './tables.ts';
import { type CheckpointValues, checkpointValues, fromCsv, toCsv } from './values.ts';

/** experiments/ itself. */
export const here = import.meta.dirname;

/** Writes a study's CSV, provenance and figures from its sweep's folder. */
export async function writeStudyResults(study: Study, sweepFolder: string): Promise<void> {
  const paths = studyPaths(study);
  const hashes = plannedHashes(join(here, paths.config));
  const rows = checkpointValues(sweepFolder, study.key).filter(({ hash }) => hashes.includes(hash));
  const { runs } = readSweep(sweepFolder);
  mkdirSync(dirname(join(here, paths.results)), { recursive: true });
  writeFileAtomic(join(here, paths.results), toCsv(rows));
  const provenance = provenanceOf(paths.config, hashes, rows, runs);
  writeFileAtomic(join(here, paths.provenance), `${JSON.stringify(provenance, null, 2)}\n`);
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

/** What stands between the markers of each README, by file and marker: made of the committed CSV alone. */
export function documentTables(): readonly {
  readonly file: string;
  readonly marker: string;
  readonly text: string;
}[] {
  const tables = studies
    .map((study) => ({ study, rows: committedRows(study) }))
    .filter(({ rows }) => rows.length > 0);
  const each = tables.map(({ study, rows }) => ({
    file: studyPaths(study).readme,
    marker: study.id,
    text: study.key === 'seed' ? boundTables(rows) : studyTables(study, rows),
  }));
  const transfer = tables.filter(({ study }) => study.id.startsWith('4-transfer/'));
  if (transfer.length === 0) return each;
  return [...each, { file: '4-transfer/README.md', marker: 'predictors', text: confoundText(transfer) }];
}

function confoundText(
  studiesWithRows: readonly { readonly study: Study; readonly rows: readonly CheckpointValues[] }[],
): string {
  const end = distinctRuns(studiesWithRows.flatMap(({ rows }) => atEnd(rows)));
  const equal = distinctRuns(studiesWithRows.flatMap(({ study, rows }) => atLoss(rows, study.equalLoss)));
  const readouts = ['5way_5shot_logistic', '5way_5shot_nearest-mean'] as const;
  const names = { '5way_5shot_logistic': 'logistic', '5way_5shot_nearest-mean': 'nearest mean' } as const;
  const ids = studiesWithRows.map(({ study }) => study.id).join(', ');
  return [
    `Runs of ${ids}; percentile bootstrap over runs, 4000 resamples.`,
    ...readouts.flatMap((readout) => [
      `Equal epochs, ${end.length} runs, ${names[readout]}:`,
      predictorsTable(end, readout),
    ]),
    `Equal training loss, ${equal.length} runs, logistic (the loss is the same in all, so nothing is left to hold fixed but source test accuracy):`,
    predictorsTable(equal, readouts[0], ['sourceTestAccuracy']),
  ].join('\n\n');
}

/** Rewrites the tables in the READMEs. */
export function writeDocuments(): void {
  for (const { file, marker, text } of documentTables()) {
    const path = join(here, file);
    writeFileAtomic(path, replaceBetween(readFileSync(path, 'utf8'), marker, text));
  }
}
