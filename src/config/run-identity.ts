import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { canonicalJson } from '../files/canonical-json.ts';
import type { RunConfig } from './schema.ts';

/** A run's identity: the first 8 hex digits of the SHA-256 of its resolved config as canonical JSON. */
export const hashOfConfig = (config: RunConfig): string => hashOfPlain(config);

/** The same of a config as it was read, without its schema: a run of another version keeps its identity. */
export const hashOfPlain = (config: Readonly<Record<string, unknown>>): string =>
  createHash('sha256').update(canonicalJson(config)).digest('hex').slice(0, 8);

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

/** `<short-params>-s<seed>-<hash8>`, such as lr0.05-b128-s0-1a2b3c4d: letters, digits, `.`, `_` and `-` only. */
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
