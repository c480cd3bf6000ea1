import { parse } from 'yaml';
import type { z } from 'zod';
import type { InputErrorCode, InputErrorDetails } from '../input-error.ts';
import { valueUnder } from './dotted-value.ts';
import type { Path } from './located.ts';
import { suggestion } from './nearest.ts';
import { allowedText, runKeys, type SchemaNode, schemaAt } from './schema-node.ts';

/** What is wrong in a value, and at which path: an unknown key's own, else the value's. */
export interface Wrong {
  readonly path: Path;
  readonly isKey: boolean;
  readonly message: string;
  readonly code?: InputErrorCode;
}

/** The first thing that zod found wrong, in our words. Unknown keys come first: a typo explains what is missing. */
export function explainIssue(issues: readonly z.core.$ZodIssue[], value: unknown, root: SchemaNode): Wrong {
  const issue = issues.find((each) => each.code === 'unrecognized_keys') ?? issues[0]!;
  const { path } = issue;
  const node = schemaAt(path, root);
  const name = dotted(path);
  if (issue.code === 'unrecognized_keys') {
    const key = issue.keys[0]!;
    const place = name === '' ? '' : ` in ${name}`;
    const elsewhere = runKeys().filter((each) => each.includes('.'));
    const meant = suggestion(key, Object.keys(node?.properties ?? {}), elsewhere);
    return { path: [...path, key], isKey: true, message: `unknown key ${quoted(key)}${place}${meant}` };
  }
  if (issue.code === 'custom' || node === undefined)
    return { path, isKey: false, message: `${name}: ${issue.message.split('\n')[0]}` };
  const given = valueUnder(value, path);
  const message =
    given === undefined
      ? `${name} is missing: ${allowedText(node)}`
      : `${name} must be ${allowedText(node)}, not ${shown(given)}${listHint(name, given, node)}${dottedHint(path, given)}`;
  return { path, isKey: false, message, ...(given === undefined ? { code: 'missing-value' } : {}) };
}

/** What several values with commas between them were to be: other programs take them so on a command line. */
function listHint(key: string, given: unknown, node: SchemaNode): string {
  if (typeof given !== 'string' || !/^[^,\s][^,]*(,[^,]+)+$/.test(given) || !runKeys().includes(key))
    return '';
  const list = `[${given
    .split(',')
    .map((each) => each.trim())
    .join(', ')}]`;
  const isList = [node, ...(node.anyOf ?? [])].some(({ type }) => type === 'array');
  if (isList) return `; as a list: '${key}=${list}'`;
  return `; to vary it: '${key === 'seed' ? 'sweep.seeds' : `sweep.grid.${key}`}=${list}'`;
}

/** How a sweep's values are written where other programs nest the keys, or put the list under `values`. */
function dottedHint(path: Path, given: unknown): string {
  const inRandom = path[1] === 'random' && path[2] === 'keys';
  const key = path[inRandom ? 3 : 2];
  if (path[0] !== 'sweep' || !(inRandom || path[1] === 'grid' || path[1] === 'zip')) return '';
  if (typeof key !== 'string' || path.length !== (inRandom ? 4 : 3)) return '';
  const [name, value] = unnested(key, given);
  const list = isMapping(value) && Array.isArray(value.values) && !inRandom ? value.values : value;
  if (!runKeys().includes(name) || list === given) return '';
  return `; write '${name}: ${inRandom ? flow(list) : flow(Array.isArray(list) ? list : [list])}'`;
}

/** The dotted key of a run that nested mappings lead to, and what stands there. */
function unnested(key: string, given: unknown): readonly [key: string, value: unknown] {
  const [first] = isMapping(given) ? Object.keys(given) : [];
  if (first === undefined || !runKeys().includes(`${key}.${first}`)) return [key, given];
  return unnested(`${key}.${first}`, (given as Readonly<Record<string, unknown>>)[first]);
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list or mapping as YAML writes it on one line. */
const flow = (value: unknown): string =>
  Array.isArray(value)
    ? `[${value.map(shown).join(', ')}]`
    : isMapping(value)
      ? `{${Object.entries(value)
          .map(([key, each]) => `${key}: ${flow(each)}`)
          .join(', ')}}`
      : shown(value);

/** What a program is told of it beside the message. */
export const detailsOf = ({
  path,
  isKey,
  code = isKey ? 'unknown-key' : 'bad-value',
}: Wrong): InputErrorDetails => ({
  code,
  key: dotted(path),
});

export const dotted = (path: Path): string =>
  path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`,
    '',
  );

/** A value on one line and not too long, as it would stand in YAML: the text "0.1" has quotes, and the number has none. */
export function shown(value: unknown): string {
  const text = (typeof value === 'number' ? String(value) : JSON.stringify(value)) ?? 'nothing';
  return cut(typeof value === 'string' && /^[\w.\- ]+$/.test(value) && isBareText(value) ? value : text);
}

/** A key in quotes, not too long. */
export const quoted = (key: string): string => cut(JSON.stringify(key));

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}...` : text);

/** Whether YAML reads the word as this text, not as a number, true or nothing. */
function isBareText(word: string): boolean {
  try {
    return parse(word, { schema: 'core', logLevel: 'silent' }) === word;
  } catch {
    return false;
  }
}
