import { type Document, isCollection, parseDocument, visit } from 'yaml';
import { InputError } from '../input-error.ts';
import { entries, type Located, locate, merge, type Origin, type Plain, withValue } from './located.ts';
import { runKeys } from './schema-node.ts';

/** What one `key=value` sets; the content of `value` is null where it takes the key back. */
export interface Override {
  readonly path: readonly string[];
  readonly value: Located;
}

/** Reads `key=value`, the value as YAML 1.2. Throws InputError that names the override. */
export function readOverride(text: string): Override {
  const origin: Origin = { kind: 'override', text: text.replaceAll(/\s+/g, ' ').slice(0, 120) };
  const equals = text.indexOf('=');
  if (equals <= 0)
    throw new InputError(`override ${origin.text}: expected key=value, such as training.learningRate=0.1`);
  const path = overridePath(text.slice(0, equals).trim());
  if (path.some((key) => key === '' || key === '__proto__'))
    throw new InputError(`override ${origin.text}: expected key=value, such as training.learningRate=0.1`);
  if (path[0] === 'extends') throw new InputError(`override ${origin.text}: extends belongs into the file`);
  return { path, value: locate(parseValue(text.slice(equals + 1), origin.text), origin) };
}

/** The override on top of the tree: a mapping is merged into what stands there, as a file is into the file that it extends. */
export function applyOverride(tree: Located, { path, value }: Override): Located {
  const under = path.reduce<Located | undefined>((at, key) => at && entries(at).get(key), tree);
  return withValue(tree, path, under === undefined ? value : merge(under, value, path));
}

/**
 * The keys on the way: sweep.grid.training.learningRate is the key `training.learningRate` of sweep.grid, as it is written
 * in a file, and sweep.random.keys.training.learningRate.uniform the key `uniform` below it.
 */
function overridePath(dottedKey: string): readonly string[] {
  const keys = dottedKey.split('.');
  const holder = ['sweep.grid', 'sweep.zip', 'sweep.random.keys'].find((each) =>
    dottedKey.startsWith(`${each}.`),
  );
  if (holder === undefined) return keys;
  const head = holder.split('.');
  const rest = keys.slice(head.length);
  const known = rest
    .map((_, index) => rest.slice(0, index + 1).join('.'))
    .findLast((key) => runKeys().includes(key));
  if (known === undefined || holder !== 'sweep.random.keys') return [...head, rest.join('.')];
  return [...head, known, ...rest.slice(known.split('.').length)];
}

/**
 * The value as YAML 1.2, except that ` #` starts no comment: on a command line it belongs to the text. Only the word null
 * takes a key back, so nothing else may become null.
 */
function parseValue(text: string, shownAs: string): Plain {
  if (text.trim() === '') throw new InputError(`override ${shownAs}: no value; null takes a key back`);
  const notYaml = (said: string): InputError =>
    new InputError(
      `override ${shownAs}: the value is not YAML (${said}); put text that YAML reads otherwise into quotes`,
      { code: 'not-yaml' },
    );
  let value: unknown;
  try {
    const document = parseDocument(text, { schema: 'core', prettyErrors: false });
    const problem = document.errors[0] ?? document.warnings[0];
    if (problem) throw problem;
    const { contents } = document;
    if (hasComment(document) && !isCollection(contents)) return text.trim();
    if (hasComment(document)) throw notYaml('a comment');
    if (contents?.anchor !== undefined) throw notYaml('an anchor without use');
    value = document.toJS({ maxAliasCount: 100 });
    // What JSON cannot hold (a number beyond its range aside) no config holds.
    JSON.stringify(value);
  } catch (error) {
    throw error instanceof InputError ? error : notYaml((error as Error).message.split('\n')[0]!);
  }
  if (value === null && text.trim() !== 'null')
    throw new InputError(`override ${shownAs}: no value; the word null takes a key back`);
  return value as Plain;
}

function hasComment(document: Document): boolean {
  let found = Boolean(document.comment ?? document.commentBefore);
  visit(document, {
    Node: (_, node) => {
      found ||= Boolean(node.comment ?? node.commentBefore);
    },
  });
  return found;
}
