import { basename, dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../input-error.ts';
import { detailsOf, explainIssue, type Wrong } from './explain-issue.ts';
import {
  type Located,
  locate,
  merge,
  nearestAt,
  type Origin,
  originText,
  type Path,
  plain,
} from './located.ts';
import { applyOverride, readOverride } from './overrides.ts';
import { keysTakenBack, pinFixedKeys } from './pins.ts';
import { parseYaml, readText } from './read-yaml.ts';
import { type SweepFile, sweepFileSchema } from './schema.ts';
import { jsonSchema } from './schema-node.ts';

/** As given, for the record. */
export interface GivenSweep {
  readonly file: string;
  readonly text: string;
  readonly extended?: { readonly file: string; readonly text: string };
  readonly overrides: readonly string[];
}

export interface LoadedSweep {
  readonly file: SweepFile;
  /** The sweep's folder under runs/: its `name`, else the file's. */
  readonly name: string;
  readonly given: GivenSweep;
  /** What was written, with its places; defaults are not in it. */
  readonly located: Located;
  /** What a user should know: keys that the command line pins. */
  readonly notes: readonly string[];
}

/**
 * Reads a sweep file: the keys of what it extends (one level), its own, then the overrides `key=value`, checked as a whole. What a later one
 * of the three sets, an earlier one's sweep block no longer varies.
 * Throws InputError of one line, `file:line:column: what is wrong; what is allowed`.
 */
export function loadSweepFile(path: string, overrides: readonly string[] = []): LoadedSweep {
  const text = readText(path);
  const own = parseYaml(text, path);
  const parent = readParent(own, path);
  const under = parent === null ? locate({}, own.origin) : inherited(parent.located, path);
  const rank = ({ kind, ...at }: Origin): number =>
    kind === 'override' ? 2 : 'file' in at && at.file === path ? 1 : 0;
  const set = overrides.map(readOverride);
  const nulls = [{ path: [], value: own }, ...set].flatMap(keysTakenBack);
  const { located, notes } = pinFixedKeys(set.reduce(applyOverride, merge(under, own)), rank, nulls);
  const value = plain(located);
  const parsed = sweepFileSchema.safeParse(value);
  if (!parsed.success) throw errorAt(located, explainIssue(parsed.error.issues, value, jsonSchema()));
  const file = parsed.data;
  const extended = parent === null ? {} : { extended: { file: parent.file, text: parent.text } };
  const given = { file: path, text, ...extended, overrides };
  return { file, name: file.name ?? nameOfFile(path), given, located, notes };
}

/** The message at its place in the file or the override. */
function errorAt(located: Located, wrong: Wrong): InputError {
  return new InputError(`${placeOf(located, wrong.path, wrong.isKey)}: ${wrong.message}`, detailsOf(wrong));
}

export function placeOf(located: Located, path: Path, isKey = false): string {
  const at = nearestAt(located, path);
  return originText(isKey ? at.keyOrigin : at.origin);
}

/** The file that a file extends, if it does. */
function readParent(own: Located, path: string): { file: string; text: string; located: Located } | null {
  const given = (own.content as ReadonlyMap<string, Located>).get('extends');
  if (given === undefined) return null;
  const place = originText(given.origin);
  if (typeof given.content !== 'string' || given.content === '')
    throw new InputError(`${place}: extends must be the path of a YAML file, relative to this one`);
  const file = isAbsolute(given.content) ? given.content : join(dirname(path), given.content);
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw error instanceof InputError
      ? new InputError(`${place}: extends ${error.message}`, { ...error.details, key: 'extends' })
      : error;
  }
  return { file, text, located: parseYaml(text, file) };
}

/** What a child takes over: all keys but `name`, for two sweeps need two folders. */
function inherited(parent: Located, child: string): Located {
  const keys = new Map(parent.content as ReadonlyMap<string, Located>);
  const further = keys.get('extends');
  if (further !== undefined)
    throw new InputError(
      `${originText(further.keyOrigin)}: extends goes one level deep, and ${child} extends this file already`,
    );
  keys.delete('name');
  return merge(locate({}, parent.origin), { ...parent, content: keys });
}

const nameOfFile = (path: string): string => {
  const name = basename(path)
    .replace(/\.ya?ml$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'sweep' : name;
};
