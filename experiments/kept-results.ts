import { expandSweep } from '../src/config/expand.ts';
import { loadSweepFile } from '../src/config/load.ts';
import type { Provenance } from './provenance.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

/** A sweep with its committed rows. */
export interface Committed {
  readonly study: Study;
  readonly rows: readonly CheckpointValues[];
}

/** By the hash of each run that a sweep file asks for, in its order: the value of the key that it sweeps. */
export function plannedParameters(file: string, key: string): ReadonlyMap<string, number> {
  return new Map(
    expandSweep(loadSweepFile(file).file).map(({ hash, config, parameters }) => [
      hash,
      Number(key === 'seed' ? config.seed : parameters[key]),
    ]),
  );
}

/**
 * Committed rows of planned runs that this machine's folder lacks, by the sweep that committed them, its own first. So a machine
 * that holds some of the runs adds to the results, and a base that another sweep has committed counts here too.
 */
export function keptResults(
  own: Study,
  planned: ReadonlyMap<string, number>,
  inFolder: readonly CheckpointValues[],
  committed: readonly Committed[],
): readonly Committed[] {
  const held = new Set(inFolder.map(({ hash }) => hash));
  const ownFirst = committed.toSorted(
    (a, b) => Number(b.study.id === own.id) - Number(a.study.id === own.id),
  );
  return ownFirst.flatMap(({ study, rows }) => {
    const kept = rows.flatMap((row) => {
      const parameter = planned.get(row.hash);
      return parameter === undefined || held.has(row.hash) ? [] : [{ ...row, parameter }];
    });
    for (const { hash } of kept) held.add(hash);
    return kept.length === 0 ? [] : [{ study, rows: kept }];
  });
}

/** Rows in the order of the plan's runs. */
export function inPlansOrder(
  planned: ReadonlyMap<string, number>,
  rows: readonly CheckpointValues[],
): readonly CheckpointValues[] {
  const place = new Map([...planned.keys()].map((hash, index) => [hash, index]));
  return rows.toSorted((a, b) => place.get(a.hash)! - place.get(b.hash)!);
}

/** What a results file says of its origin where rows of other results were kept: all origins together. */
export function withOrigins(
  now: Provenance,
  kept: readonly Provenance[],
  rows: readonly CheckpointValues[],
): Provenance {
  const finished = new Set(rows.map(({ hash }) => hash));
  const all = [...kept, now];
  const distinct = (read: (origin: Provenance) => readonly string[]): readonly string[] => [
    ...new Set(all.flatMap(read)),
  ];
  const times = (read: (origin: Provenance) => string | null): readonly string[] =>
    all.flatMap((origin) => read(origin) ?? []).sort();
  const failed = all.flatMap(({ failedRuns }) => failedRuns ?? []).filter(({ hash }) => !finished.has(hash));
  return {
    ...now,
    finishedRuns: finished.size,
    failedRuns: [...new Map(failed.map((run) => [run.hash, run])).values()],
    from: times(({ from }) => from)[0] ?? null,
    to: times(({ to }) => to).at(-1) ?? null,
    commits: distinct(({ commits }) => commits),
    runsWithUncommittedChanges: all.reduce((sum, each) => sum + each.runsWithUncommittedChanges, 0),
    machine: distinct(({ machine }) => machine),
  };
}
