import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../files/canonical-json.ts';
import { formatOneDefaults, laterDefaults, optionalMappings } from './format-1.ts';

type PlainConfig = Readonly<Record<string, unknown>>;

/**
 * A run's identity: 12 hex digits of the SHA-256 of what its config gives other than format 1's defaults, as canonical JSON. A
 * new key at its default changes no hash. Twelve digits: two of 100,000 runs are alike once in 50,000 such sweeps.
 */
export const hashOfConfig = (config: PlainConfig): string =>
  sha256Of({ format: 1, config: identityOf(config) }).slice(0, 12);

/** The hash with paths as they are written, whatever they hold: of what a committed config asks for, on any machine. */
export const hashByPaths = (config: PlainConfig): string => hashOfConfig(withoutContents(config));

/**
 * The hashes of earlier versions for the same run: with paths instead of what they hold, and 8 hex digits of the whole config, with
 * and without later keys at their defaults.
 */
export const formerHashesOf = (config: PlainConfig): readonly string[] => {
  const byPaths = withoutContents(config);
  const digits = [byPaths, withoutLaterDefaults(byPaths)].map((each) => sha256Of(each).slice(0, 8));
  return [...new Set([hashByPaths(config), ...digits])];
};

/** Whether a config that an earlier version left is that of the run: the same but for what its paths hold, which nobody recorded. */
export const isFormerConfig = (former: PlainConfig, config: PlainConfig): boolean =>
  hashOfConfig(former) === hashOfConfig(former.contents === undefined ? withoutContents(config) : config);

/** The hash at the end of a run's folder name, of this version or an earlier one; null where it has none. */
export const hashInName = (name: string): string | null =>
  /-([0-9a-f]{12}|[0-9a-f]{8})$/.exec(name)?.[1] ?? null;

/** What a config gives other than format 1's defaults: equal for equal runs. */
export const identityOf = ({ contents, ...config }: PlainConfig): PlainConfig => {
  const identity = differences(config, formatOneDefaults, '') ?? {};
  return isMapping(contents) ? (heldBy(identity, contents) as PlainConfig) : identity;
};

const withoutContents = ({ contents: _, ...config }: PlainConfig): PlainConfig => config;

/** The value with what each path holds in place of the path. */
const heldBy = (value: unknown, contents: PlainConfig): unknown => {
  if (typeof value === 'string' && Object.hasOwn(contents, value)) return `sha256:${contents[value]}`;
  if (Array.isArray(value)) return value.map((each) => heldBy(each, contents));
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, heldBy(each, contents)]));
};

const sha256Of = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** The part of a mapping that its defaults do not give; undefined where nothing is left. */
function differences(values: PlainConfig, defaults: PlainConfig, under: string): PlainConfig | undefined {
  const kept = Object.entries(values).flatMap(([name, value]) => {
    const key = under === '' ? name : `${under}.${name}`;
    const inner = optionalMappings[key] ?? defaults[name] ?? laterDefaults[key];
    if (value === undefined || isDeepStrictEqual(value, laterDefaults[key])) return [];
    if (!isMapping(value)) return isDeepStrictEqual(value, inner) ? [] : [[name, value]];
    const rest = differences(value, isMapping(inner) ? inner : {}, key);
    if (rest !== undefined) return [[name, rest]];
    return key in optionalMappings ? [[name, {}]] : [];
  });
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

function withoutLaterDefaults(values: PlainConfig, under = ''): PlainConfig {
  const kept = Object.entries(values).flatMap(([name, value]) => {
    const key = `${under}${name}`;
    if (isDeepStrictEqual(value, laterDefaults[key])) return [];
    return [[name, isMapping(value) ? withoutLaterDefaults(value, `${key}.`) : value]];
  });
  return Object.fromEntries(kept);
}

const isMapping = (value: unknown): value is PlainConfig =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What stands before the value in a folder's name; other keys are written out. */
const shortKeys: Readonly<Record<string, string>> = {
  'data.name': '',
  'data.perClass': 'n',
  'data.augmentation': '',
  'model.name': '',
  'model.width': 'w',
  'training.learningRate': 'lr',
  'training.batchSize': 'b',
  'training.l2': 'l2_',
  'training.weightDecay': 'wd',
  'training.momentum': 'm',
  'training.epochs': 'e',
  'training.gcPenalty': 'gc',
  'training.labelSmoothing': 'ls',
  'training.schedule.name': '',
  'training.precision': '',
};

const parametersLimit = 100;

/** `<short-params>-s<seed>-<hash>`, such as lr0.05-b128-s0-1a2b3c4d5e6f: letters, digits, `.`, `_` and `-` only. */
export function runFolderNameOf(
  parameters: Readonly<Record<string, unknown>>,
  seed: number,
  hash: string,
): string {
  const parts = Object.entries(parameters)
    .filter(([key]) => key !== 'seed')
    .map(([key, value]) => `${shortKeys[key] ?? `${key.split('.').at(-1)}_`}${shortValue(value)}`)
    .map((part) => part.replace(/^[^A-Za-z0-9]+/, ''))
    .filter((part) => part !== '');
  const body = parts
    .join('-')
    .slice(0, parametersLimit)
    .replace(/[-._]+$/, '');
  return [...(body === '' ? [] : [body]), `s${seed}`, hash].join('-');
}

function shortValue(value: unknown): string {
  if (typeof value === 'number') return String(Number(value.toPrecision(4)));
  if (Array.isArray(value)) return value.map(shortValue).join('_').slice(0, 32);
  if (typeof value === 'object' && value !== null) return shortValue(Object.values(value));
  const text = String(value);
  const name = basename(text) || text;
  return name.replaceAll(/[^A-Za-z0-9._]+/g, '_').slice(0, 32);
}
