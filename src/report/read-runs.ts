import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseConfigText } from '../config/config-file.ts';
import { formerHashesOf, hashInName, hashOfConfig } from '../config/run-identity.ts';
import { runConfigSchema } from '../config/schema.ts';
import { refuseNewer } from '../files/format-version.ts';
import { isFolder } from '../files/is-folder.ts';
import { refusing } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import { meantBefore } from '../models/models.ts';
import { type CheckpointLine, type EpochLine, metricsLineSchema } from '../pipeline/records.ts';
import { latestAttempts, parseRunFolderName } from '../runs/attempts.ts';
import { runPaths } from '../runs/paths.ts';
import { type RunState, stateOf } from '../runs/status.ts';
import { flatten, type PlainRecord } from './flat-config.ts';

/** What is there of one run, however little. */
export interface ReadRun {
  readonly name: string;
  readonly folder: string;
  readonly state: RunState;
  /** Why it failed or was interrupted. */
  readonly reason: string | null;
  /** ISO 8601, of the last attempt; null before the first. */
  readonly start: string | null;
  readonly heartbeat: string | null;
  readonly config: PlainRecord | null;
  readonly environment: PlainRecord | null;
  readonly epochs: readonly EpochLine[];
  readonly checkpoints: readonly CheckpointLine[];
  /** One line each: what could not be read. */
  readonly problems: readonly string[];
}

export interface ReadSweep {
  readonly name: string;
  readonly folder: string;
  /** Dotted keys that sweep.yaml varies, in its order. */
  readonly plannedKeys: readonly string[];
  /** What sweep.yaml gives each run, by the run's name: all that is known of a run that has not started. */
  readonly parameters: ReadonlyMap<string, PlainRecord>;
  readonly runs: readonly ReadRun[];
  /** Folders of runs that an earlier version of the sweep had: left out. */
  readonly leftOut: readonly string[];
  readonly problems: readonly string[];
}

/**
 * Reads a sweep's folder in the plan's order. Unfinished, failed and damaged runs are told of in the result; throws InputError
 * only where there is no sweep.
 */
export function readSweep(given: string, readOne: (folder: string) => ReadRun = readRun): ReadSweep {
  const folder = resolve(given);
  if (!isFolder(folder))
    throw new InputError(`${given}: no such folder; give a sweep's folder, such as runs/<name>`);
  const present = latestAttempts(
    refusing(given, () => readdirSync(folder, { withFileTypes: true }))
      .filter((entry) => entry.isDirectory() && looksLikeRun(join(folder, entry.name)))
      .map((entry) => entry.name)
      .sort(),
  );
  const { planned, problems } = readPlan(folder);
  if (present.length === 0 && planned === null)
    throw new InputError(
      looksLikeRun(folder)
        ? `${given}: a run's folder; give its sweep's folder, ${join(given, '..')}`
        : `${given}: no sweep's folder (neither sweep.yaml nor runs in it); give one such as runs/<name>`,
    );
  const latest = new Map(present.map((name) => [parseRunFolderName(name).base, name]));
  const nameOf = (base: string): string => latest.get(base) ?? base;
  const names = planned?.map((run) => nameOf(run.base)) ?? present;
  const leftOut = present.filter((name) => !names.includes(name));
  const runs = names.map((name) => readOne(join(folder, name)));
  const parameters = new Map(planned?.map((run) => [nameOf(run.base), run.parameters]));
  const plannedKeys = [...new Set([...parameters.values()].flatMap((each) => Object.keys(each)))];
  return { name: basename(folder), folder, plannedKeys, parameters, runs, leftOut, problems };
}

const looksLikeRun = (folder: string): boolean => {
  const { config, status, metrics } = runPaths(folder);
  return [config, status, metrics].some((path) => existsSync(path));
};

interface Plan {
  readonly planned: readonly { readonly base: string; readonly parameters: PlainRecord }[] | null;
  readonly problems: readonly string[];
}

const planSchema = z.object({
  runs: z.array(
    z
      .object({ folder: z.string().min(1), parameters: z.record(z.string(), z.unknown()).default({}) })
      .transform(({ folder, parameters }) => ({ base: basename(folder), parameters: flatten(parameters) }))
      .refine(({ base }) => !['', '.', '..'].includes(base)),
  ),
});

function readPlan(folder: string): Plan {
  const path = join(folder, 'sweep.yaml');
  if (!existsSync(path)) return { planned: null, problems: [] };
  try {
    return {
      planned: planSchema.parse(parse(readFileSync(path, 'utf8'), { logLevel: 'error' })).runs,
      problems: [],
    };
  } catch {
    return { planned: null, problems: ['sweep.yaml is damaged: the runs shown are those found'] };
  }
}

/** One run's folder, absent or damaged in part. */
export function readRun(folder: string): ReadRun {
  const paths = runPaths(folder);
  const problems: string[] = [];
  const attempt = <T>(what: string, path: string, read: (text: string) => T): T | null => {
    try {
      return existsSync(path) ? read(readFileSync(path, 'utf8')) : null;
    } catch (error) {
      problems.push(`${what}: ${firstLine(error)}`);
      return null;
    }
  };
  const config = attempt('config.yaml', paths.config, (text) => configOf(text, folder));
  const environment = attempt('env.json', paths.environment, (text) => asRecord(JSON.parse(text)));
  const metrics = attempt('metrics.jsonl', paths.metrics, (text) => readMetrics(text, problems));
  const found = readState(folder, problems);
  const before = config === null ? null : meaningBefore(config);
  if (before !== null) problems.push(`written by an older version, in which ${before}`);
  return {
    name: basename(folder),
    folder,
    ...found,
    config,
    environment,
    epochs: metrics?.epochs ?? [],
    checkpoints: metrics?.checkpoints ?? [],
    problems,
  };
}

/** What a run's network was where an older version wrote its config; null where the same words mean the same, or are not this version's. */
function meaningBefore(config: PlainRecord): string | null {
  const parsed = runConfigSchema.safeParse(config);
  return parsed.success ? meantBefore(parsed.data.model) : null;
}

function readState(
  folder: string,
  problems: string[],
): Pick<ReadRun, 'state' | 'reason' | 'start' | 'heartbeat'> {
  try {
    const { state, reason, status } = stateOf(folder);
    return { state, reason, start: status?.start ?? null, heartbeat: status?.heartbeat ?? null };
  } catch (error) {
    problems.push(`status.json: ${firstLine(error)}`);
    return { state: 'interrupted', reason: null, start: null, heartbeat: null };
  }
}

/** The last line of a run that is at work or was killed may be cut off: only damage before it is a problem. */
function readMetrics(text: string, problems: string[]) {
  const epochs: EpochLine[] = [];
  const checkpoints: CheckpointLine[] = [];
  const lines = text.split('\n');
  const last = lines.length - 1;
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    try {
      const read: unknown = JSON.parse(line);
      refuseNewer(read);
      const record = metricsLineSchema.parse(read);
      if (record.kind === 'epoch') epochs.push(record);
      else checkpoints.push(record);
    } catch (error) {
      if (error instanceof InputError) problems.push(`metrics.jsonl: line ${index + 1}: ${error.message}`);
      else if (index < last) problems.push(`metrics.jsonl: line ${index + 1} is damaged and was left out`);
    }
  }
  return { epochs, checkpoints };
}

/** The name of the run's folder holds its config's hash: a config that was changed since is not what ran. */
function configOf(text: string, folder: string): PlainRecord {
  const config = parseConfigText(text);
  const hash = hashInName(parseRunFolderName(basename(folder)).base);
  if (hash !== null && ![hashOfConfig(config), ...formerHashesOf(config)].includes(hash))
    throw new Error(`changed since the run was named (its hash is not ${hash})`);
  return config;
}

function asRecord(value: unknown): PlainRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('not a mapping');
  return value as PlainRecord;
}

const firstLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
