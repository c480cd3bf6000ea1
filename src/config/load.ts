import { basename, dirname, join } from 'node:path';
import { InputError } from '../input-error.ts';
import { explainIssue, type Wrong } from './explain-issue.ts';
import { type Located, locate, merge, nearestAt, originText, type Path, plain } from './located.ts';
import { applyOverride } from './overrides.ts';
import { parseYaml, readText } from './read-yaml.ts';
import { type SweepFile, sweepFileSchema } from './schema.ts';
import { jsonSchema } from './schema-node.ts';

export interface LoadedSweep {
  readonly file: SweepFile;
  /** The sweep's folder under runs/: its `name`, else the file's. */
  readonly name: string;
  /** As given: the path, the file's text and the overrides. */
  readonly given: { readonly file: string; readonly text: string; readonly overrides: readonly string[] };
  /** What was written, with its places; defaults are not in it. */
  readonly located: Located;
}

/**
 * Reads a sweep file: the keys of what it extends (one level), its own, then the overrides `key=value`, checked as a whole.
 * Throws InputError of one line, `file:line:column: what is wrong; what is allowed`.
 */
export function loadSweepFile(path: string, overrides: readonly string[] = []): LoadedSweep {
  const text = readText(path);
  const own = parseYaml(text, path);
  const located = overrides.reduce(applyOverride, extended(own, path));
  const value = plain(located);
  const parsed = sweepFileSchema.safeParse(value);
  if (!parsed.success) throw errorAt(located, explainIssue(parsed.error.issues, value, jsonSchema()));
  const file = parsed.data;
  return { file, name: file.name ?? nameOfFile(path), given: { file: path, text, overrides }, located };
}

/** The message at its place in the file or the override. */
export function errorAt(located: Located, { path, isKey, message }: Wrong): InputError {
  return new InputError(`${placeOf(located, path, isKey)}: ${message}`);
}

export function placeOf(located: Located, path: Path, isKey = false): string {
  const at = nearestAt(located, path);
  return originText(isKey ? at.keyOrigin : at.origin);
}

/** A child's keys on those of the file that it extends; `name` is not inherited, for two sweeps need two folders. */
function extended(own: Located, path: string): Located {
  const { content } = own;
  const parentPath = content instanceof Map ? (content.get('extends') as Located | undefined) : undefined;
  if (parentPath === undefined) return merge(locate({}, own.origin), own);
  const place = originText(parentPath.origin);
  if (typeof parentPath.content !== 'string' || parentPath.content === '')
    throw new InputError(`${place}: extends must be the path of a YAML file, relative to this one`);
  const file = join(dirname(path), parentPath.content);
  const parent = readParent(file, place);
  const keys = new Map(parent.content as ReadonlyMap<string, Located>);
  const further = keys.get('extends');
  if (further !== undefined)
    throw new InputError(
      `${originText(further.keyOrigin)}: extends goes one level deep, and ${path} extends this file already`,
    );
  keys.delete('name');
  return merge(merge(locate({}, own.origin), { ...parent, content: keys }), own);
}

function readParent(file: string, place: string): Located {
  let text: string;
  try {
    text = readText(file);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${place}: extends ${error.message}`) : error;
  }
  return parseYaml(text, file);
}

const nameOfFile = (path: string): string => {
  const name = basename(path)
    .replace(/\.ya?ml$/i, '')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '');
  return name === '' ? 'sweep' : name;
};
