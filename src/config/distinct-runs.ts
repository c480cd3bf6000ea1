import { isDeepStrictEqual } from 'node:util';
import { canonicalJson } from '../files/canonical-json.ts';
import type { InputError } from '../input-error.ts';
import { augmentationKeys } from './augmentation-schema.ts';
import { type Assignment, type Combination, combinationText } from './combinations.ts';
import type { Wrong } from './explain-issue.ts';
import { idleKeysIn, withoutIdle } from './idle-keys.ts';
import { identityOf } from './run-identity.ts';
import type { RunConfig } from './schema.ts';

/** A run, and what the sweep sets in it. */
export interface Expanded {
  readonly combination: Combination;
  readonly config: RunConfig;
}

/** Throws for two runs that are the same, and for two that differ only in keys that change nothing in them. */
export function checkDistinct(runs: readonly Expanded[], fail: (wrong: Wrong) => InputError): void {
  const same = twins(runs.map(({ config }) => canonicalJson(identityOf(config))));
  if (same !== null) {
    const [first, { combination }] = same.map((index) => runs[index]!) as [Expanded, Expanded];
    // The value that is given twice stands at two places; what else the two runs have, at one.
    const repeated = combination.findLast(
      ({ key, path }) =>
        !first.combination.some((each) => each.key === key && isDeepStrictEqual(each.path, path)),
    );
    const message = `${pairText(same)} are the same run (${combinationText(combination)}); give each value once`;
    throw fail({ path: (repeated ?? combination[0])?.path ?? ['sweep'], isKey: false, message });
  }
  const alike = twins(runs.map(({ config }) => canonicalJson(identityOf(effective(config)))));
  if (alike === null) return;
  const [first, second] = alike.map((index) => runs[index]!) as [Expanded, Expanded];
  const differing = differences(first.combination, second.combination);
  const reasons = [...new Set([first, second].flatMap(({ config }) => unreachedIn(config)))];
  const keys = [...new Set(differing.map(({ key }) => key))];
  const message = `${pairText(alike)} differ only in ${keys.join(', ')}, which changes nothing where ${reasons.join(' and ')}; keep one of them (sweep.exclude leaves runs out)`;
  throw fail({ path: differing.at(-1)!.path, isKey: false, message });
}

const isUntrained = ({ training }: RunConfig): boolean => training.epochs === 0;
const hasNoEpisodes = ({ data, fewshot }: RunConfig): boolean =>
  data.split === 'none' && fewshot.targets === undefined;

/** Why some of the run's keys change nothing: a part of it is never reached, or they need other values of other keys. */
const unreachedIn = (config: RunConfig): readonly string[] => [
  ...idleKeysIn(config).map(({ where }) => where),
  ...(isUntrained(config) ? ['training.epochs is 0'] : []),
  ...(hasNoEpisodes(config) ? ['data.split is none'] : []),
];

/** What is left of a config without the keys that change nothing in it. */
const effective = (config: RunConfig): Readonly<Record<string, unknown>> => reachedOf(withoutIdle(config));

/** What is left of a config without the keys that only such a part reads. */
function reachedOf({ fewshot, ...config }: RunConfig): Readonly<Record<string, unknown>> {
  const reached = hasNoEpisodes({ ...config, fewshot }) ? {} : { fewshot };
  if (!isUntrained({ ...config, fewshot })) return { ...config, ...reached };
  const { data, model, training, measure } = config;
  const readsAugmentation = reached.fewshot?.augmentedSupports !== undefined;
  return {
    ...config,
    ...reached,
    data: readsAugmentation ? data : without(data, Object.keys(augmentationKeys)),
    model: without(model, ['freeze', 'dropout', 'dropBlock']),
    // Measures inside of batches read the size of one.
    training: { epochs: training.epochs, batchSize: training.batchSize },
    measure: without(measure, ['every']),
  };
}

const without = (mapping: object, keys: readonly string[]): object =>
  Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.includes(key)));

/** Indices of the first text that was there before, and of where it was. */
function twins(texts: readonly string[]): readonly [first: number, second: number] | null {
  const seen = new Map<string, number>();
  for (const [index, text] of texts.entries()) {
    const first = seen.get(text);
    if (first !== undefined) return [first, index];
    seen.set(text, index);
  }
  return null;
}

const pairText = ([first, second]: readonly [number, number]): string =>
  `runs ${first + 1} and ${second + 1} of the sweep`;

/** What only one of two combinations sets, or sets otherwise. */
const differences = (one: Combination, other: Combination): readonly Assignment[] => {
  const isIn = (combination: Combination, { key, value }: Assignment): boolean =>
    combination.some((each) => each.key === key && isDeepStrictEqual(each.value, value));
  return [...one.filter((each) => !isIn(other, each)), ...other.filter((each) => !isIn(one, each))];
};
