import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { expandSweep } from '../src/config/expand.ts';
import { loadSweepFile } from '../src/config/load.ts';
import { hashByPaths, hashInName, hashOfConfig } from '../src/config/run-identity.ts';
import type { ReadRun } from '../src/report/read-runs.ts';
import type { CheckpointValues } from './values.ts';

/** What a results file says of where it comes from. */
export interface Provenance {
  readonly config: string;
  /** SHA-256 of the hashes of all runs that the config asks for, in its order: what `configHash` computes of it. */
  readonly configHash: string;
  readonly plannedRuns: number;
  readonly finishedRuns: number;
  /** Runs that failed, such as by a loss that is not finite; absent from files of before 2026-11-26. */
  readonly failedRuns?: readonly FailedRun[];
  /** ISO 8601: from the first run's start to the last run's end. */
  readonly from: string | null;
  readonly to: string | null;
  /** Of the code that the runs were made with. */
  readonly commits: readonly string[];
  /** Runs whose code differed from its commit; what differed is in the run's folder. */
  readonly runsWithUncommittedChanges: number;
  readonly machine: readonly string[];
}

export interface FailedRun {
  readonly hash: string;
  /** Of its folder, which names the swept values and the seed. */
  readonly name: string;
  readonly reason: string | null;
}

/** What stands in a results file's provenance; null where there is none. */
export const readProvenanceAt = (path: string): Provenance | null =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Provenance) : null;

/** The hashes of the runs that a sweep file asks for. */
export function plannedHashes(file: string): readonly string[] {
  return expandSweep(loadSweepFile(file).file).map(({ hash }) => hash);
}

/** What tells a run's configuration from others whatever its seed, by the hash of each run that a sweep file asks for. */
export function configurationsOf(file: string): ReadonlyMap<string, string> {
  return new Map(
    expandSweep(loadSweepFile(file).file).map(({ hash, config }) => [
      hash,
      hashOfConfig({ ...config, seed: 0 }),
    ]),
  );
}

export const configHash = (hashes: readonly string[]): string =>
  createHash('sha256').update(hashes.join('\n')).digest('hex');

export function provenanceOf(
  config: string,
  hashes: readonly string[],
  rows: readonly CheckpointValues[],
  runs: readonly ReadRun[],
): Provenance {
  const finished = runs.filter(({ state }) => state === 'done');
  const times = (read: (run: ReadRun) => string | null): readonly string[] =>
    finished.flatMap((run) => read(run) ?? []).sort();
  const distinct = (read: (run: ReadRun) => unknown): readonly string[] =>
    [...new Set(finished.map(read))].filter((each) => typeof each === 'string');
  return {
    config,
    configHash: configHash(hashes),
    plannedRuns: hashes.length,
    finishedRuns: new Set(rows.map(({ hash }) => hash)).size,
    failedRuns: runs
      .filter(({ state }) => state === 'failed')
      .map(({ name, reason, config: own }) => ({
        hash: own === null ? (hashInName(name) ?? name) : hashByPaths(own),
        name,
        reason,
      })),
    from: times(({ start }) => start)[0] ?? null,
    to: times(({ heartbeat }) => heartbeat).at(-1) ?? null,
    commits: distinct(({ environment }) => field(environment, 'git', 'commit')),
    runsWithUncommittedChanges: finished.filter(
      ({ environment }) => field(environment, 'git', 'dirty') === true,
    ).length,
    machine: distinct(({ environment }) => field(environment, 'cpu', 'model')),
  };
}

const field = (record: unknown, ...keys: readonly string[]): unknown =>
  keys.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined),
    record,
  );
