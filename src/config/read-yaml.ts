import { readFileSync, statSync } from 'node:fs';
import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments } from 'yaml';
import { InputError } from '../input-error.ts';
import { type Located, type Origin, originText, type Scalar } from './located.ts';

const sizeLimitBytes = 1_000_000;
const nodeLimit = 100_000;
const depthLimit = 50;

/** A file's text. Throws InputError of one line where it is missing, a folder, too large or not UTF-8. */
export function readText(path: string): string {
  let bytes: Uint8Array;
  try {
    const stat = statSync(path);
    if (stat.isDirectory()) throw new InputError(`${path}: a folder; give a YAML file`);
    if (stat.size > sizeLimitBytes)
      throw new InputError(`${path}: ${stat.size} bytes; a config has at most ${sizeLimitBytes}`);
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof InputError) throw error;
    const { code, message } = error as NodeJS.ErrnoException;
    throw new InputError(
      code === 'ENOENT' ? `${path}: no such file` : `${path}: cannot be read (${firstLine(message)})`,
      code === 'ENOENT' ? { code: 'no-such-file' } : {},
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: not UTF-8 text; give a YAML file`);
  }
}

/**
 * YAML 1.2 (core schema) with the place of each key and value. Throws InputError `file:line:column: ...` for what is not
 * YAML, for a key given twice, several documents, aliases that grow without bound, and a top level without keys.
 */
export function parseYaml(text: string, file: string): Located {
  const lines = new LineCounter();
  const at = (offset: number | undefined): Origin => {
    const { line, col } = lines.linePos(offset ?? 0);
    return { kind: 'file', file, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const wrong = (offset: number | undefined, what: string): InputError => {
    const { line, column } = at(offset) as { line: number; column: number };
    return new InputError(`${file}:${line}:${column}: ${what}`, { code: 'not-yaml' });
  };
  const [document, second] = parseDocuments(text, file, lines);
  if (document === undefined || document.contents === null)
    throw new InputError(`${file}: empty; give at least one of seed, data, model, training, sweep`, {
      code: 'missing-value',
    });
  if (second !== undefined) throw wrong(second.range[0], 'a second document (---); a config is one document');
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem !== undefined)
    throw wrong(problem.pos[0], firstLine(problem.message).replace(/ at line .*$/, ''));

  let nodes = 0;
  const convert = (node: Node | null, keyOrigin: Origin, depth: number): Located => {
    nodes += 1;
    const start = node?.range?.[0];
    if (nodes > nodeLimit || depth > depthLimit)
      throw wrong(start, 'too many or too deeply nested values (an alias that holds itself?)');
    if (node === null || (isScalar(node) && node.value === null && node.source === ''))
      throw new InputError(
        `${originText(keyOrigin)}: no value; leave the key out, or write null for its default`,
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
      content: scalarOf(node.value, () => wrong(start, 'not a value a config can have')),
    };
  };
  const tree = convert(document.contents, at(document.contents.range?.[0]), 0);
  if (!(tree.content instanceof Map))
    throw wrong(document.contents.range?.[0], 'expected keys such as `training:` at the top');
  return tree;
}

function parseDocuments(text: string, file: string, lineCounter: LineCounter) {
  try {
    const documents = parseAllDocuments(text, { schema: 'core', lineCounter, prettyErrors: false });
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
