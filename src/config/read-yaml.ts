import { readFileSync, statSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { unreadable } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import { type Located, type Origin, originText, type Scalar } from './located.ts';

const sizeLimitBytes = 1_000_000;
const nodeLimit = 100_000;
const depthLimit = 50;

/** What a YAML file is to hold, in the words of its refusals. */
export interface YamlKind {
  /** `failsafe` takes every scalar as the text that is written. */
  readonly schema: 'core' | 'failsafe';
  readonly one: string;
  /** What to give in an empty file. */
  readonly wanted: string;
  /** A key that may stand at the top. */
  readonly example: string;
}

const configYaml: YamlKind = {
  schema: 'core',
  one: 'a config',
  wanted: 'at least one of seed, data, model, training, sweep',
  example: 'training',
};

/** A file's text. Throws InputError of one line, after `before`, where it is missing, a folder, too large or not UTF-8. */
export function readText(path: string, before = ''): string {
  let bytes: Uint8Array;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new InputError(`${before}${path}: a folder; give a YAML file`);
    if (stat.size > sizeLimitBytes)
      throw new InputError(`${before}${path}: ${stat.size} bytes; a YAML file has at most ${sizeLimitBytes}`);
    bytes = readFileSync(path);
  } catch (error) {
    throw error instanceof InputError ? error : unreadable(path, error, { before });
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${before}${path}: not UTF-8 text; give a YAML file`);
  }
}

/**
 * YAML 1.2 with the place of each key and value. Throws InputError `file:line:column: ...` for what is not
 * YAML, for a key given twice, several documents, aliases that grow without bound, and a top level without keys.
 */
export function parseYaml(text: string, file: string, kind: YamlKind = configYaml): Located {
  const lines = new LineCounter();
  const at = (offset: number | undefined): Origin => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { kind: 'file', file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = (offset: number | undefined, what: string): InputError => {
    const { line, column } = at(offset) as { line: number; column: number };
    return new InputError(`${file}:${line}:${column}: ${what}`, { code: 'not-yaml' });
  };
  const [document, second] = parseDocuments(text, file, kind.schema, lines);
  if (document === undefined || document.contents === null)
    throw new InputError(`${file}: empty; give ${kind.wanted}`, {
      code: 'missing-value',
    });
  if (second !== undefined)
    throw wrong(second.range[0], `a second document (---); ${kind.one} is one document`);
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined)
    throw wrong(problem.pos[0], firstLine(problem.message).replace(/ at line .*$/, ''));

  let nodes = 0;
  const convert = (node: Node | null, keyOrigin: Origin, depth: number): Located => {
    nodes += 1;
    const start = node?.range?.[0];
    if (nodes > nodeLimit || depth > depthLimit)
      throw wrong(start, 'too many or too deeply nested values (an alias that holds itself?)');
    // The failsafe schema has no null: a value that is left out is an empty text there.
    if (node === null || (isScalar(node) && node.source === '' && (node.type ?? 'PLAIN') === 'PLAIN'))
      throw new InputError(
        `${originText(keyOrigin)}: no value; leave the key out${kind.schema === 'core' ? ', or write null for its default' : ''}`,
        { code: 'missing-value' },
      );
    const origin = at(start);
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) throw wrong(start, `unknown alias *${node.source}`);
      return { ...convert(target, keyOrigin, depth + 1), origin };
    }
    if (isSeq<Node>(node))
      return {
        origin,
        keyOrigin,
        content: node.items.map((item) => convert(item, at(item?.range?.[0]), depth + 1)),
      };
    if (isMap<Node, Node | null>(node)) {
      const content = new Map<string, Located>();
      for (const { key, value } of node.items) {
        const place = at(key?.range?.[0]);
        const name = isScalar(key) ? String(key.value ?? '') : '';
        if (name === '' || name === '__proto__')
          throw wrong(key?.range?.[0] ?? start, 'a key must be a word');
        if (content.has(name)) throw wrong(key.range?.[0], `${name} is given twice`);
        content.set(name, convert(value, place, depth + 1));
      }
      return { origin, keyOrigin, content };
    }
    if (!isScalar(node)) throw wrong(start, 'a value that is not a scalar, list or mapping');
    return {
      origin,
      keyOrigin,
      content: scalarOf(node.value, () => wrong(start, `not a value ${kind.one} can have`)),
    };
  };
  const tree = convert(document.contents, at(document.contents.range?.[0]), 0);
  if (!(tree.content instanceof Map))
    throw wrong(document.contents.range?.[0], `expected keys such as \`${kind.example}:\` at the top`);
  return tree;
}

function parseDocuments(text: string, file: string, schema: YamlKind['schema'], lineCounter: LineCounter) {
  try {
    const documents = parseAllDocuments(text, {
      schema,
      lineCounter,
      prettyErrors: false,
      uniqueKeys: false,
    });
    return Array.isArray(documents) ? documents : [];
  } catch (error) {
    // The parser recurses: thousands of nested brackets overflow its stack.
    throw new InputError(`${file}: cannot be read as YAML (${firstLine((error as Error).message)})`, {
      code: 'not-yaml',
    });
  }
}

function scalarOf(value: unknown, wrong: () => InputError): Scalar {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (typeof value === 'string') return value;
  throw wrong();
}

const firstLine = (text: string): string => text.split('\n')[0]!.slice(0, 200);
