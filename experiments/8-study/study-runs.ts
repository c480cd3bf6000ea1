import { join } from 'node:path';
import { configurationsOf, type FailedRun, readProvenanceAt } from '../provenance.ts';
import { type Study, studyPaths } from '../studies.ts';
import type { CheckpointValues } from '../values.ts';
import { type Regime, regimeOf, regimes } from './regimes.ts';

/** One sweep of the study: what is committed of it. */
export interface StudyRuns {
  readonly study: Study;
  /** None where it was not run. */
  readonly rows: readonly CheckpointValues[];
  /** What tells a planned run's configuration from others whatever its seed, by the run's hash. */
  readonly planned: ReadonlyMap<string, string>;
  readonly failed: readonly FailedRun[];
}

/** A regime with the sweeps that its configs ask for. */
export interface RegimeRuns {
  readonly regime: Regime;
  readonly studies: readonly StudyRuns[];
}

/** Rows to test over, and what tells their configurations apart. */
export interface Sample {
  readonly rows: readonly CheckpointValues[];
  readonly configurationOf: (row: CheckpointValues) => string;
}

const experiments = join(import.meta.dirname, '..');

/** A sweep's committed rows with the plan of its config and the failed runs that its provenance names. */
export function readStudyRuns(study: Study, rows: readonly CheckpointValues[]): StudyRuns {
  const { config, provenance } = studyPaths(study);
  const given = readProvenanceAt(join(experiments, provenance));
  const planned = configurationsOf(join(experiments, config));
  return { study, rows: rows.map(withScale), planned, failed: given?.failedRuns ?? [] };
}

/** GC over the squared mean norm of the embedding: the same for every multiple of an embedding. */
function withScale(row: CheckpointValues): CheckpointValues {
  const { sourceGc, sourceMeanFeatureNorm } = row.values;
  if (sourceGc == null || !sourceMeanFeatureNorm) return row;
  return { ...row, values: { ...row.values, sourceGcPerNorm: sourceGc / sourceMeanFeatureNorm ** 2 } };
}

/** All regimes of PLAN.md in its order, also those without a config. */
export const byRegime = (studies: readonly StudyRuns[]): readonly RegimeRuns[] =>
  regimes.map((regime) => ({ regime, studies: studies.filter(({ study }) => regimeOf(study) === regime) }));

/** Hashes of the runs that have ended well. */
export const finishedHashes = (studies: readonly StudyRuns[]): ReadonlySet<string> =>
  new Set(studies.flatMap(({ rows }) => rows.filter(({ final }) => final).map(({ hash }) => hash)));

/** Runs that failed in a sweep, and that no other sweep has finished. */
export function failedRuns(studies: readonly StudyRuns[]): readonly FailedRun[] {
  const finished = finishedHashes(studies);
  const failed = studies.flatMap((each) => each.failed).filter(({ hash }) => !finished.has(hash));
  return [...new Map(failed.map((run) => [run.hash, run])).values()];
}

/**
 * The rows of one sweep or of several pooled. A run that several of them hold counts once. A configuration with a failed run is
 * left out, as PLAN.md asks; one that lacks a seed is in, by the mean over the seeds that it has.
 */
export function sampleOf(studies: readonly StudyRuns[]): Sample {
  const planned = new Map(studies.flatMap((each) => [...each.planned]));
  const configurationOf = ({ hash }: Pick<CheckpointValues, 'hash'>): string => planned.get(hash) ?? hash;
  const leftOut = new Set(failedRuns(studies).map(configurationOf));
  const distinct = new Map(
    studies.flatMap(({ rows }) => rows.map((row) => [`${row.hash} ${row.step}`, row] as const)),
  );
  const rows = [...distinct.values()].filter((row) => !leftOut.has(configurationOf(row)));
  return { rows, configurationOf };
}
