import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { configText, parseConfigText } from '../config/config-file.ts';
import { valueUnder } from '../config/dotted-value.ts';
import type { RunSpec } from '../config/expand.ts';
import type { GivenSweep } from '../config/load.ts';
import { formerHashesOf, hashInName, hashOfConfig, isFormerConfig } from '../config/run-identity.ts';
import { writeFileAtomic } from '../files/atomic.ts';
import { InputError } from '../input-error.ts';
import { latestAttempts, parseRunFolderName, runFolderName } from '../runs/attempts.ts';
import { runPaths } from '../runs/paths.ts';
import { type FoundState, stateOf } from '../runs/status.ts';
import { verdictNote } from './verdict-note.ts';

export interface SweepInput {
  readonly name: string;
  readonly runs: readonly RunSpec[];
  /** What the user gave, for sweep.yaml: the file's path, its text, what it extends, the overrides. */
  readonly given: GivenSweep;
  /** What an earlier version recorded of what a config's paths hold; null where it was the same. */
  readonly formerContents?: (config: RunSpec['config']) => NonNullable<RunSpec['config']['contents']> | null;
}

export interface PlanOptions {
  /** Folder of all sweeps. */
  readonly out: string;
  readonly retryFailed: boolean;
  readonly force: boolean;
}

export interface PlannedRun {
  readonly spec: RunSpec;
  readonly name: string;
  readonly folder: string;
  /** The state that its folder was in when it was planned. */
  readonly found: FoundState;
  readonly toDo: boolean;
}

export interface SweepPlan {
  readonly name: string;
  readonly folder: string;
  readonly runs: readonly PlannedRun[];
  /** What the user should know: changed configs, failed runs left alone, too few configurations. */
  readonly notes: readonly string[];
}

/** How a run of the plan ended: interrupted ones go on when the sweep is started again. */
export type RunResult = 'done' | 'failed' | 'interrupted';

/** What is there and what is to do; reads only. */
export function planSweep(input: SweepInput, { out, retryFailed, force }: PlanOptions): SweepPlan {
  const folder = join(out, input.name);
  const present = existsSync(folder) ? readdirSync(folder) : [];
  const latest = new Map(
    latestAttempts(present).map((name) => {
      const { base, attempt } = parseRunFolderName(name);
      return [base, attempt];
    }),
  );
  const named = namesByHash([...latest.keys()]);
  const runs = input.runs.map((given): PlannedRun => {
    const spec = latest.has(given.folderName) ? given : knownRun(given, input, named, folder);
    const attempt = latest.get(spec.folderName) ?? 0;
    const name = runFolderName(spec.folderName, force ? attempt + 1 : Math.max(attempt, 1));
    const found = stateOf(join(folder, name));
    const toDo = found.state === 'failed' ? retryFailed : found.state !== 'done';
    return { spec, name, folder: join(folder, name), found, toDo };
  });
  const isToDo = runs.some(({ toDo }) => toDo);
  const notes = [...notesOn(folder, runs, retryFailed), ...(isToDo ? verdictNote(input.runs) : [])];
  return { name: input.name, folder, runs, notes };
}

/** A folder keeps its name where the sweep came to vary other keys: the hash at its end is the run's identity. */
const namesByHash = (names: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    names.flatMap((name) => {
      const hash = hashInName(name);
      return hash === null ? [] : [[hash, name] as const];
    }),
  );

/** The run under the name that its folder has already, and with the contents that its config.yaml records. */
function knownRun(
  given: RunSpec,
  { formerContents }: SweepInput,
  named: ReadonlyMap<string, string>,
  folder: string,
): RunSpec {
  const known = sameRun(given, named, folder);
  if (known !== undefined) return { ...given, folderName: known };
  const contents = formerContents?.(given.config) ?? null;
  if (contents === null) return given;
  const config = { ...given.config, contents };
  const former = { ...given, config, hash: hashOfConfig(config) };
  const found = sameRun(former, named, folder);
  return found === undefined ? given : { ...former, folderName: found };
}

/** The folder that this run has already under another name. A hash of 8 digits may be another run's: its config.yaml decides. */
function sameRun(
  { hash, config }: RunSpec,
  named: ReadonlyMap<string, string>,
  folder: string,
): string | undefined {
  const former = formerHashesOf(config)
    .map((each) => named.get(each))
    .find((name) => name !== undefined && isOfRun(runPaths(join(folder, name)).config, config));
  return named.get(hash) ?? former;
}

function isOfRun(path: string, config: RunSpec['config']): boolean {
  try {
    return isFormerConfig(parseConfigText(readFileSync(path, 'utf8')), config);
  } catch {
    // Absent or damaged: it is written anew under the hash in its name.
    return true;
  }
}

function notesOn(folder: string, runs: readonly PlannedRun[], retryFailed: boolean): readonly string[] {
  const notes: string[] = [];
  const earlier = readPlannedNames(folder);
  const now = new Set(runs.map((run) => run.spec.folderName));
  const gone = earlier.filter((name) => !now.has(name)).length;
  const added = [...now].filter((name) => !earlier.includes(name)).length;
  if (earlier.length > 0 && (gone > 0 || added > 0)) {
    const changed = `the config changed since the last time: ${added} new runs, ${gone} runs of the earlier config`;
    // Tables and reports show the runs of the last plan only.
    const both = `no longer shown, but 'gcnc runs ${folder}/*-*/' shows all; name=NEW puts this config in a folder of its own`;
    notes.push(`${changed} (kept in ${folder}${gone === 0 ? '' : `; ${both}`})`);
  }
  const failed = runs.filter((run) => run.found.state === 'failed');
  if (failed.length > 0 && !retryFailed)
    notes.push(`${failed.length} failed before; --retry-failed runs them again`);
  return notes;
}

/** The runs' folder names of the last plan; none where sweep.yaml is absent or damaged: it is written anew. */
function readPlannedNames(folder: string): readonly string[] {
  try {
    const runs: unknown = parse(readFileSync(join(folder, 'sweep.yaml'), 'utf8'), { logLevel: 'error' }).runs;
    return Array.isArray(runs) ? runs.map((run) => String(run.folder)) : [];
  } catch {
    return [];
  }
}

/** Writes sweep.yaml: the sweep as given and as resolved. An earlier one that differs stays as sweep.<n>.yaml. */
export function writeSweepFile(plan: SweepPlan, input: SweepInput): void {
  const path = join(plan.folder, 'sweep.yaml');
  const keys = [...new Set(plan.runs.flatMap(({ spec }) => Object.keys(spec.parameters)))];
  const runs = plan.runs.map(({ spec }) => ({
    folder: spec.folderName,
    parameters: Object.fromEntries(keys.flatMap((key) => valuesOf(spec, key))),
  }));
  const text = stringify({ name: input.name, ...input.given, runs }, { aliasDuplicateObjects: false });
  mkdirSync(plan.folder, { recursive: true });
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (before === text) return;
  if (before !== null) {
    const count = readdirSync(plan.folder).filter((name) => /^sweep\.\d+\.yaml$/.test(name)).length;
    renameSync(path, join(plan.folder, `sweep.${count + 1}.yaml`));
  }
  writeFileAtomic(path, text);
}

/** A run's value of a key that the sweep varies: where another entry of its list sets the key, the run's own value is its config's. */
function valuesOf({ parameters, config }: RunSpec, key: string): readonly (readonly [string, unknown])[] {
  if (key in parameters) return [[key, parameters[key]]];
  const value = valueUnder(config, key);
  return value === undefined ? [] : [[key, value]];
}

/** Makes the run's folder and its config.yaml; a damaged one is written anew, for the config is known. */
export function prepareRun(run: PlannedRun): void {
  const path = runPaths(run.folder).config;
  const text = configText(run.spec.config);
  mkdirSync(run.folder, { recursive: true });
  const before = existsSync(path) ? readFileSync(path, 'utf8') : null;
  if (before !== null) refuseNewerConfig(before, path);
  if (before !== text) writeFileAtomic(path, text);
}

function refuseNewerConfig(text: string, path: string): void {
  try {
    parseConfigText(text);
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${path}: ${error.message}`);
  }
}
