import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../input-error.ts';
import { writtenOut } from '../models/models.ts';
import { contradictionIn } from './check-run.ts';
import { type Assignment, type Combination, combinationsOf } from './combinations.ts';
import { checkDistinct, type Expanded } from './distinct-runs.ts';
import { valueUnder } from './dotted-value.ts';
import { detailsOf, dotted, explainIssue, type Wrong } from './explain-issue.ts';
import { idleKeysIn } from './idle-keys.ts';
import { locate, type Path, type Plain, plain, withValue } from './located.ts';
import { hashOfConfig, runFolderNameOf } from './run-identity.ts';
import { type RunConfig, runConfigSchema, type SweepFile } from './schema.ts';
import { jsonSchema } from './schema-node.ts';

/** One run of an expanded sweep file. `folderName` holds its parameters and the hash of its resolved config. */
export interface RunSpec {
  readonly config: RunConfig;
  /** The keys that the sweep sets, dotted, and this run's values. */
  readonly parameters: Readonly<Record<string, Plain>>;
  /** Its identity: `hashOfConfig`. */
  readonly hash: string;
  readonly folderName: string;
}

/** Where a path of the file is, in words; `isKey` asks for its key. */
export type PlaceOf = (path: Path, isKey: boolean) => string;

/**
 * The runs of a sweep file, in order: the blocks multiply with each other and with the seeds, what `exclude` matches is left
 * out, and each is checked as a whole. `contentsOf` gives what the paths of a config hold. Throws InputError for unknown keys, wrong values, two equal runs and none at all.
 */
export function expandSweep(
  file: SweepFile,
  placeOf: PlaceOf = dotted,
  contentsOf: (config: RunConfig) => NonNullable<RunConfig['contents']> = () => ({}),
): readonly RunSpec[] {
  const fail = (wrong: Wrong): InputError =>
    new InputError(`${placeOf(wrong.path, wrong.isKey)}: ${wrong.message}`, detailsOf(wrong));
  const { seed, data, model, training, measure, fewshot, sweep = {} } = file;
  const base: RunConfig = { seed, data, model, training, measure, fewshot };
  const excluded = (sweep.exclude ?? []).map((each, index) =>
    Object.entries(each).map(([key, value]) => ({ key, value, path: ['sweep', 'exclude', index, key] })),
  );
  const combinations = combinationsOf(sweep, fail);
  for (const each of excluded) resolve(base, each, fail);
  const all = combinations.map((combination) => {
    const config = resolve(base, combination, fail);
    const contents = contentsOf(config);
    return { combination, config: Object.keys(contents).length === 0 ? config : { ...config, contents } };
  });
  const runs = all.filter(({ config }) => !excluded.some((each) => matches(config, each)));
  for (const [index, each] of excluded.entries())
    if (!all.some(({ config }) => matches(config, each)))
      throw fail({
        path: ['sweep', 'exclude', index],
        isKey: false,
        message: `sweep.exclude[${index}] matches no run; give values that the sweep has`,
      });
  if (runs.length === 0)
    throw fail({ path: ['sweep', 'exclude'], isKey: false, message: 'sweep.exclude leaves no run' });
  for (const { combination, config } of runs) {
    const wrong = contradictionIn(config);
    if (wrong !== null)
      throw fail({ isKey: false, ...wrong, path: setBy(combination, wrong.path)?.path ?? wrong.path });
  }
  refuseIdleKeys(runs, fail);
  checkDistinct(runs, fail);
  return runs.map(({ combination, config }) => {
    const parameters = Object.fromEntries(combination.map(({ key, value }) => [key, value]));
    const hash = hashOfConfig(config);
    return { config, parameters, hash, folderName: runFolderNameOf(parameters, config.seed, hash) };
  });
}

/** The config with the values set and checked. A mapping that is set is set whole: what it leaves out is the default. */
function resolve(base: RunConfig, combination: Combination, fail: (wrong: Wrong) => InputError): RunConfig {
  const origin = { kind: 'default' } as const;
  const tree = combination.reduce(
    (under, { key, value }) => withValue(under, key.split('.'), locate(value, origin)),
    locate(base as unknown as Plain, origin),
  );
  const value = plain(tree);
  const parsed = runConfigSchema.safeParse(value);
  if (parsed.success) return { ...parsed.data, model: writtenOut(parsed.data.model) };
  const wrong = explainIssue(parsed.error.issues, value, jsonSchema());
  const cause = setBy(combination, wrong.path);
  if (cause === undefined) throw fail(wrong);
  throw fail({ ...wrong, path: cause.path, message: `${dotted(cause.path.slice(0, 2))}: ${wrong.message}` });
}

const setBy = (combination: Combination, path: Path): Assignment | undefined =>
  combination.find(
    ({ key }) => `${dotted(path)}.`.startsWith(`${key}.`) || `${dotted(path)}[`.startsWith(`${key}[`),
  );

const matches = (config: RunConfig, excluded: Combination): boolean =>
  excluded.every(({ key, value }) => isDeepStrictEqual(valueUnder(config, key) ?? null, value));

/** A key that changes nothing in any run is refused. */
function refuseIdleKeys(runs: readonly Expanded[], fail: (wrong: Wrong) => InputError): void {
  for (const { combination, config } of runs)
    for (const { key, message, isUsedIn } of idleKeysIn(config)) {
      if (runs.some((other) => isUsedIn(other.config))) continue;
      const path = key.split('.');
      throw fail({
        path: setBy(combination, path)?.path ?? path,
        isKey: false,
        message: `${message}; leave it out, or set it to null`,
      });
    }
}
