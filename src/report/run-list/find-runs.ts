import { existsSync, readdirSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { refusing } from '../../files/open-file.ts';
import { InputError } from '../../input-error.ts';
import { runPaths } from '../../runs/paths.ts';
import { flatConfig, flatten, type PlainRecord } from '../flat-config.ts';
import { type ReadRun, readRun, readSweep } from '../read-runs.ts';

/** A run with the sweep that it is of. */
export interface FoundRun {
  readonly sweep: string;
  readonly run: ReadRun;
  /** Dotted keys of its config; of a run that has not started, what the sweep gives it and nothing else. */
  readonly config: PlainRecord;
  /** Dotted keys that its sweep's plan varies. */
  readonly plannedKeys: readonly string[];
}

export interface FoundRuns {
  readonly runs: readonly FoundRun[];
  /** Folders of runs that are no longer in their sweep's plan. */
  readonly leftOut: number;
  readonly problems: readonly string[];
}

/**
 * The runs of folders of runs, of sweeps, or of folders of sweeps, each once, in the order given and then by name. Throws InputError
 * for a folder that holds none of them.
 */
export function findRuns(folders: readonly string[]): FoundRuns {
  const found = new Map<string, FoundRun>();
  const problems: string[] = [];
  let leftOut = 0;
  for (const folder of new Set(folders.flatMap((given) => sweepsIn(given, problems)))) {
    const sweep = isRun(folder) ? null : readSweep(folder);
    for (const run of sweep?.runs ?? [readRun(folder)]) {
      const config =
        run.config === null ? flatten(sweep?.parameters.get(run.name) ?? {}) : flatConfig(run.config);
      const name = sweep?.name ?? basename(dirname(folder));
      if (!found.has(run.folder))
        found.set(run.folder, { sweep: name, run, config, plannedKeys: sweep?.plannedKeys ?? [] });
    }
    leftOut += sweep?.leftOut.length ?? 0;
    problems.push(...(sweep?.problems ?? []).map((problem) => `${sweep!.name}: ${problem}`));
  }
  return { runs: [...found.values()], leftOut, problems };
}

/** Adds to `problems` the folders below that cannot be read: the others are of use without them. */
function sweepsIn(given: string, problems: string[]): readonly string[] {
  const folder = resolve(given);
  if (!existsSync(folder)) throw new InputError(`${given}: no such folder; give folders of sweeps or runs`);
  if (!statSync(folder).isDirectory())
    throw new InputError(`${given}: a file; give folders of sweeps or runs`);
  if (isRun(folder) || isSweep(folder)) return [folder];
  const unreadable: string[] = [];
  const below = foldersIn(folder)
    .filter((each) => {
      try {
        return isSweep(each);
      } catch (error) {
        unreadable.push((error as InputError).message);
        return false;
      }
    })
    .sort();
  if (below.length === 0 && unreadable[0] !== undefined) throw new InputError(unreadable[0]);
  problems.push(...unreadable);
  if (below.length === 0)
    throw new InputError(`${given}: no run, no sweep and no folder of sweeps; give one such as runs`);
  return below;
}

const foldersIn = (folder: string): readonly string[] =>
  refusing(folder, () => readdirSync(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));

/** A sweep's folder may hold a stray config.yaml; a run's has no sweep.yaml. */
export const isRun = (folder: string): boolean =>
  existsSync(runPaths(folder).config) && !existsSync(join(folder, 'sweep.yaml'));

const isSweep = (folder: string): boolean =>
  existsSync(join(folder, 'sweep.yaml')) || foldersIn(folder).some(isRun);
