import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { suggestion } from '../../config/nearest.ts';
import { runKeys } from '../../config/schema-node.ts';
import { InputError } from '../../input-error.ts';
import { runStates } from '../../runs/status.ts';
import type { ListedRun } from './list-runs.ts';

const operators = ['!=', '<=', '>=', '=', '<', '>'] as const;
type Operator = (typeof operators)[number];

/** `key OP value`: the key a config's, `state`, `sweep`, `name`, `step`, or a measure's id such as `targetCdnv`. */
export interface Condition {
  readonly text: string;
  readonly key: string;
  readonly operator: Operator;
  readonly value: unknown;
  /** As typed: a sweep may be called 7. */
  readonly typed: string;
}

/** Reads `training.l2=0`; the value is YAML, as in a sweep file. Throws InputError of one line. */
export function parseCondition(text: string): Condition {
  const wrong = (what: string): InputError =>
    new InputError(`--where ${text}: ${what}; a condition is a key, one of ${operators.join(' ')}, a value`);
  const [, key, operator, given] = /^\s*([^=!<>\s]+)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*$/s.exec(text) ?? [];
  if (key === undefined) throw wrong('no condition');
  if (given === '') throw wrong('no value');
  if (/^[=<>!]/.test(given!)) throw wrong(`no operator ${operator}${given![0]}`);
  if (/\s(and|or|&&|\|\|)\s.*[=<>]/i.test(given!))
    throw new InputError(`--where ${text}: several conditions; give --where once for each, all must hold`);
  let value: unknown;
  try {
    value = parse(given!, { logLevel: 'error' });
  } catch {
    throw wrong(`${given} is no value`);
  }
  if (!['=', '!='].includes(operator!) && typeof value !== 'number')
    throw wrong(`${operator} compares numbers, and ${given} is none`);
  if (key === 'state' && !runStates.some((state) => state === given))
    throw new InputError(`--where ${text}: no state ${given}; allowed are ${runStates.join(', ')}`);
  return { text, key, operator: operator as Operator, value, typed: given! };
}

const fields: Readonly<Record<string, (listed: ListedRun) => unknown>> = {
  state: ({ run }) => run.state,
  sweep: ({ sweep }) => sweep,
  name: ({ run }) => run.name,
  step: ({ step }) => step,
};

/** What a key is in a run; undefined where it cannot be known, as of a run that has not started. */
export function valueAt(listed: ListedRun, key: string): unknown {
  if (Object.hasOwn(fields, key)) return fields[key]!(listed);
  if (Object.hasOwn(listed.values, key)) return listed.checkpoint === null ? undefined : listed.values[key];
  const { config, run } = listed;
  if (Object.hasOwn(config, key)) return config[key];
  return run.config === null ? undefined : null;
}

/** Those that meet all conditions, and how many cannot be judged. Throws InputError for a key that no run can have. */
export function filterRuns(
  runs: readonly ListedRun[],
  conditions: readonly Condition[],
): { readonly kept: readonly ListedRun[]; readonly unknown: number } {
  for (const condition of conditions) checkKey(condition, runs);
  let unknown = 0;
  const kept = runs.filter((listed) => {
    const verdicts = conditions.map((condition) => meets(valueAt(listed, condition.key), condition));
    if (verdicts.includes(false)) return false;
    if (verdicts.includes(null)) unknown += 1;
    return !verdicts.includes(null);
  });
  return { kept, unknown };
}

function meets(value: unknown, { operator, value: wanted, typed, text, key }: Condition): boolean | null {
  if (value === undefined) return null;
  if (operator === '=' || operator === '!=')
    return (value === typed || isDeepStrictEqual(value, wanted)) === (operator === '=');
  if (value === null) return false;
  if (typeof value !== 'number')
    throw new InputError(
      `--where ${text}: ${operator} compares numbers, and ${key} is ${JSON.stringify(value)}`,
    );
  const limit = wanted as number;
  if (operator === '<') return value < limit;
  if (operator === '>') return value > limit;
  return operator === '<=' ? value <= limit : value >= limit;
}

function checkKey({ text, key }: Condition, runs: readonly ListedRun[]): void {
  const configKeys = new Set([...runKeys(), ...runs.flatMap(({ config }) => Object.keys(config))]);
  const ids = new Set(runs.flatMap(({ values }) => Object.keys(values)));
  const isSection = [...configKeys].some((each) => each.startsWith(`${key}.`));
  if (isSection)
    throw new InputError(`--where ${text}: ${key} is a section${suggestion(key, keysIn(configKeys, key))}`);
  if (Object.hasOwn(fields, key) || configKeys.has(key) || ids.has(key)) return;
  const names = [...Object.keys(fields), ...configKeys, ...ids];
  const meant = suggestion(key, names);
  throw new InputError(
    `--where ${text}: no key ${key}${meant.length < 100 ? meant : '; gcnc config FILE shows the keys of a config, --json of gcnc runs the measures'}`,
  );
}

const keysIn = (keys: ReadonlySet<string>, section: string): readonly string[] =>
  [...keys].filter((key) => key.startsWith(`${section}.`) && !key.slice(section.length + 1).includes('.'));

/** For a table that came out empty: what the condition's key is in the runs there are. */
export function valuesOf(runs: readonly ListedRun[], { key }: Condition): string {
  // JSON has no text for undefined, which is what is not known.
  const values = new Set(runs.map((listed) => JSON.stringify(valueAt(listed, key)) ?? 'unknown'));
  const shown = [...values].slice(0, 8).join(', ');
  return `${key} is ${shown}${values.size > 8 ? ', ...' : ''}`;
}
