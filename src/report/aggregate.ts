import { augmentationKeys } from '../config/augmentation-schema.ts';
import type { CheckpointLine } from '../pipeline/records.ts';
import { groupBy } from '../statistics/group-by.ts';
import { meanWithInterval } from '../statistics/student-interval.ts';
import { elsewhereQuantities, type PlacedQuantity } from './elsewhere.ts';
import { comparer, flatConfig, flatten, hasSeveral, type PlainRecord } from './flat-config.ts';
import { fewshotQuantities, fixedQuantities, optionalQuantities, type Quantity } from './quantities.ts';
import type { ReadRun, ReadSweep } from './read-runs.ts';
import { networkTrainedBy } from './same-network.ts';
import { bestOnTheSameData, underTrainedBecause } from './under-trained.ts';

/** A mean over training seeds. The half-width is null where one seed leaves it undefined. */
export interface SeedMean {
  readonly mean: number;
  readonly n: number;
  /** Half the width of Student's 95 % interval. */
  readonly halfWidth: number | null;
}

export interface FinishedRun {
  readonly run: ReadRun;
  readonly seed: number | null;
  readonly final: CheckpointLine;
  /** Why it counts as under-trained, or null. */
  readonly underTrained: string | null;
  readonly configuration: number;
}

/** Runs that differ in nothing but `seed`. */
export interface Configuration {
  readonly index: number;
  /** The keys in which the sweep's configurations differ, with this one's values. */
  readonly parameters: PlainRecord;
  readonly label: string;
  /** The index of the first configuration that trains the same networks: others differ in how and when these are looked at. */
  readonly trainedAs: number;
  readonly runs: readonly ReadRun[];
  readonly finished: readonly FinishedRun[];
}

export interface Results {
  readonly sweep: ReadSweep;
  /** Dotted keys in which the configurations differ, sweep.yaml's first. */
  readonly variedKeys: readonly string[];
  /** Each varied key without the sections in front, where that is unambiguous. */
  readonly shortNames: Readonly<Record<string, string>>;
  readonly configurations: readonly Configuration[];
  readonly finished: readonly FinishedRun[];
  readonly quantities: readonly Quantity[];
  readonly fewshot: readonly Quantity[];
  /** At other layers and on other targets; part of `quantities` too. */
  readonly elsewhere: readonly PlacedQuantity[];
}

/** Groups the runs by all keys but `seed` and finds what can be shown of them. */
export function aggregate(sweep: ReadSweep): Results {
  const flat = new Map(
    sweep.runs.map((run) => [
      run,
      run.config === null ? flatten(sweep.parameters.get(run.name) ?? {}) : flatConfig(run.config),
    ]),
  );
  const meant = comparer([...flat.values()]);
  const variedKeys = keysThatVary(sweep, flat, meant);
  const shortNames = shorten(variedKeys);
  const groups = groupBy(sweep.runs, (run) =>
    JSON.stringify(variedKeys.map((key) => meant(flat.get(run)![key]))),
  );
  const done = sweep.runs.filter((run) => finalCheckpoint(run) !== null);
  const best = bestOnTheSameData(done, (run) =>
    JSON.stringify(variedKeys.filter(saysWhatIsFitted).map((key) => meant(flat.get(run)![key]))),
  );
  const trainings = new Map<string, number>();
  const configurations = [...groups.values()].map((runs, index): Configuration => {
    const told = toldBy(runs);
    const values = flat.get(told)!;
    const parameters = Object.fromEntries(variedKeys.map((key) => [key, values[key]]));
    const finished = runs.flatMap((run): FinishedRun[] => {
      const final = finalCheckpoint(run);
      if (final === null) return [];
      const config = flat.get(run)!;
      const seed = typeof config.seed === 'number' ? config.seed : null;
      const underTrained = underTrainedBecause(run, config['training.stopAtLoss'], best(run));
      return [{ run, seed, final, underTrained, configuration: index }];
    });
    const varied = Object.fromEntries(variedKeys.map((key) => [key, meant(values[key])]));
    const training = networkTrainedBy(varied, finished);
    const trainedAs = trainings.get(training) ?? index;
    trainings.set(training, trainedAs);
    const label = variedKeys
      .map((key) => `${shortNames[key]} ${textIn(told, values[key], 'unknown')}`)
      .join(', ');
    return { index, trainedAs, parameters, label: label || sweep.name, runs, finished };
  });
  const finished = configurations.flatMap((each) => each.finished);
  const checkpoints = sweep.runs.flatMap((run) => run.checkpoints);
  const fewshot = fewshotQuantities(checkpoints);
  const elsewhere = elsewhereQuantities(checkpoints);
  const quantities = [...fixedQuantities, ...optionalQuantities(checkpoints), ...fewshot, ...elsewhere];
  return { sweep, variedKeys, shortNames, configurations, finished, quantities, fewshot, elsewhere };
}

/** Mean and interval over the finished runs' final values; null where none has the quantity. */
export function finalMean(configuration: Configuration, quantity: Quantity): SeedMean | null {
  return meanOverSeeds(configuration.finished.map(({ final }) => quantity.read(final)));
}

/** Undefined values are left out, and `n` says how many were there. */
export function meanOverSeeds(values: readonly (number | null)[]): SeedMean | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const { value, ci95 } = meanWithInterval(known);
  return { mean: value, n: known.length, halfWidth: ci95 === null ? null : (ci95[1] - ci95[0]) / 2 };
}

/** The values at the end of a run that is done; an unfinished run has none, for comparisons need equal training. */
function finalCheckpoint(run: ReadRun): CheckpointLine | null {
  if (run.state !== 'done') return null;
  return run.checkpoints.findLast(({ final }) => final) ?? null;
}

/** What a network is to fit is said by the data's keys, but for how training changes the images. */
const saysWhatIsFitted = (key: string): boolean =>
  key.startsWith('data.') && !Object.hasOwn(augmentationKeys, key.split('.')[1]!);

/** Of a run that has not started only the keys that its sweep names are known: the others have no value, not their default. */
export const textIn = ({ config }: ReadRun, value: unknown, unknown = '–'): string =>
  value === undefined && config === null ? unknown : valueText(value);

/** A varied key of a configuration, as tables show it. */
export const parameterText = ({ runs, parameters }: Configuration, key: string): string =>
  textIn(toldBy(runs), parameters[key]);

/** The run whose config tells a configuration's keys: one that has started, where there is one. */
const toldBy = (runs: readonly ReadRun[]): ReadRun => runs.find(({ config }) => config !== null) ?? runs[0]!;

function keysThatVary(
  sweep: ReadSweep,
  flat: ReadonlyMap<ReadRun, PlainRecord>,
  meant: (value: unknown) => unknown,
): readonly string[] {
  const configs = [...flat].filter(([run]) => run.config !== null).map(([, values]) => values);
  const ofConfigs = new Set(configs.flatMap((config) => Object.keys(config)));
  // A key of [null, a mapping] varies by what the mapping holds.
  const isMapping = (key: string): boolean => [...ofConfigs].some((each) => each.startsWith(`${key}.`));
  const all = new Set([...sweep.plannedKeys.filter((key) => !isMapping(key)), ...ofConfigs]);
  const varies = (key: string): boolean => {
    const known = configs.map((config) => config[key]);
    const planned = [...sweep.parameters.values()].flatMap((each) => (key in each ? [each[key]] : []));
    return hasSeveral(key, [...known, ...planned].map(meant));
  };
  return [...all].filter((key) => key !== 'seed' && varies(key));
}

/** Each key without the sections in front, where that is unambiguous. */
export function shorten(keys: readonly string[]): Readonly<Record<string, string>> {
  const last = (key: string): string => key.slice(key.lastIndexOf('.') + 1);
  const names = keys.map((key) => {
    const unique = keys.filter((other) => last(other) === last(key)).length === 1;
    return [key, unique ? last(key) : key] as const;
  });
  return Object.fromEntries(names);
}

/** A config's value as text: every digit of a number, a text without quotes. */
export function valueText(value: unknown): string {
  if (value === undefined) return '(default)';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
