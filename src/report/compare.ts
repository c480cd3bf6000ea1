import { InputError } from '../input-error.ts';
import { aggregate, type Configuration, finalMean, type Results, type SeedMean } from './aggregate.ts';
import { flatten } from './flat-config.ts';
import { counted } from './number-text.ts';
import type { Quantity } from './quantities.ts';
import { type ReadSweep, readRun, readSweep } from './read-runs.ts';
import { differingCopies, withoutRepeated } from './repeated-runs.ts';
import { isRun } from './run-list/find-runs.ts';
import { inOneSpelling, keysOfTwoSpellings } from './same-meaning.ts';

/** Configurations side by side: the keys in which they differ, and what was measured of them. */
export interface Comparison {
  readonly results: Results;
  readonly keys: readonly string[];
  /** Those that at least one configuration has. */
  readonly quantities: readonly Quantity[];
  readonly rows: readonly ComparedRow[];
  /** Runs that several of the folders hold; each counts once. */
  readonly repeated: number;
}

export interface ComparedRow {
  readonly configuration: Configuration;
  /** Over training seeds, by the quantity's id. */
  readonly means: ReadonlyMap<string, SeedMean | null>;
}

/** Reads folders of sweeps or runs as one, and groups their runs by all keys but `seed`. Throws InputError for other folders. */
export function compareFolders(folders: readonly string[]): Comparison {
  const read = folders.map((folder) => (isRun(folder) ? sweepOfRun(folder) : readSweep(folder)));
  const sweeps = read.length === 1 ? read : read.map(sweepInOneSpelling);
  // Of a run that has not started another sweep's keys are not known, so that it would be a configuration of its own.
  const all = sweeps.flatMap((sweep) =>
    sweep.runs.filter(({ config }) => read.length === 1 || config !== null),
  );
  const notStarted = sweeps.reduce((sum, sweep) => sum + sweep.runs.length, 0) - all.length;
  const runs = withoutRepeated(all);
  const results = aggregate({
    name: 'compare',
    folder: folders[0]!,
    plannedKeys: [...new Set(sweeps.flatMap((sweep) => sweep.plannedKeys))],
    parameters: new Map(sweeps.flatMap((sweep) => [...sweep.parameters])),
    runs,
    leftOut: sweeps.flatMap((sweep) => sweep.leftOut),
    problems: [
      ...(notStarted === 0 ? [] : [`${counted(notStarted, 'run')} not started: left out`]),
      ...differingCopies(all),
      ...sweeps.flatMap((sweep) => sweep.problems),
    ],
  });
  const rows = results.configurations.map((configuration): ComparedRow => {
    const means = results.quantities.map((each) => [each.id, finalMean(configuration, each)] as const);
    return { configuration, means: new Map(means) };
  });
  const quantities = results.quantities.filter(({ id }) => rows.some(({ means }) => means.get(id) != null));
  return { results, keys: results.variedKeys, quantities, rows, repeated: all.length - runs.length };
}

/** The rows by one column: a key, its short name or a quantity's id; rows without a value come last. */
export function sortRows(
  comparison: Comparison,
  column: string,
  descending: boolean,
): readonly ComparedRow[] {
  const { keys, quantities, rows, results } = comparison;
  const key = keys.find((each) => each === column || results.shortNames[each] === column);
  const quantity = quantities.find(({ id }) => id === column);
  if (key === undefined && quantity === undefined) {
    const allowed = [...keys, ...quantities.map(({ id }) => id)];
    throw new InputError(`--sort: no column ${column}; allowed are ${allowed.join(', ')}`);
  }
  const valueIn = ({ configuration, means }: ComparedRow): unknown =>
    key !== undefined ? configuration.parameters[key] : means.get(quantity!.id)?.mean;
  const direction = descending ? -1 : 1;
  return rows.toSorted((left, right) => {
    const [a, b] = [valueIn(left), valueIn(right)];
    if (a == null || b == null) return Number(a == null) - Number(b == null);
    return direction * compareValues(a, b);
  });
}

const compareValues = (a: unknown, b: unknown): number =>
  typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a).localeCompare(String(b), 'en', { numeric: true });

function sweepOfRun(folder: string): ReadSweep {
  const run = readRun(folder);
  const { name } = run;
  return { name, folder, plannedKeys: [], parameters: new Map(), runs: [run], leftOut: [], problems: [] };
}

/** What one sweep writes out and another leaves to the same default is no difference between them. */
function sweepInOneSpelling(sweep: ReadSweep): ReadSweep {
  const runs = sweep.runs.map((run) =>
    run.config === null ? run : { ...run, config: inOneSpelling(run.config) },
  );
  const parameters = new Map(sweep.parameters);
  for (const { name, config } of runs) {
    const planned = parameters.get(name);
    if (planned === undefined || config === null) continue;
    const flat = flatten(config);
    const both = keysOfTwoSpellings.filter((key) => key in planned).map((key) => [key, flat[key]]);
    parameters.set(name, { ...planned, ...Object.fromEntries(both) });
  }
  return { ...sweep, runs, parameters };
}
