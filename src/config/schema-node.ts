import { z } from 'zod';
import { once } from '../once.ts';
import type { Path } from './located.ts';
import { runConfigSchema, sweepFileSchema } from './schema.ts';

/** The part of JSON Schema that zod makes of our schemas. */
export interface SchemaNode {
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly additionalProperties?: SchemaNode | boolean;
  readonly required?: readonly string[];
  readonly items?: SchemaNode;
  readonly prefixItems?: readonly SchemaNode[];
  readonly minItems?: number;
  readonly anyOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
}

/** JSON Schema (draft 2020-12) of a sweep file whose nulls are taken out. */
export const jsonSchema = once(() => z.toJSONSchema(sweepFileSchema, { io: 'input' }) as SchemaNode);

const runSchema = once(() => z.toJSONSchema(runConfigSchema, { io: 'input' }) as SchemaNode);

/** The schema of what is at the path; undefined where nothing may be. */
export function schemaAt(path: Path, root: SchemaNode = jsonSchema()): SchemaNode | undefined {
  let at: SchemaNode | undefined = root;
  for (const key of path) {
    const { properties, items, prefixItems, additionalProperties, anyOf } = at as SchemaNode;
    // Of alternatives, the one that has the key is meant.
    const chosen = anyOf?.find((each) => each.properties && Object.hasOwn(each.properties, String(key)));
    if (chosen) at = chosen.properties![String(key)];
    else if (properties && Object.hasOwn(properties, String(key))) at = properties[String(key)];
    else if (typeof key === 'number' && (items || prefixItems)) at = prefixItems?.[key] ?? items;
    else if (typeof additionalProperties === 'object') at = additionalProperties;
    else return undefined;
  }
  return at;
}

/** Dotted keys of a run, sections and leaves: what a sweep may vary. */
export const runKeys = once((): readonly string[] => dottedKeys(runSchema()));

const dottedKeys = (node: SchemaNode, prefix = ''): readonly string[] =>
  Object.entries(node.properties ?? {}).flatMap(([key, each]) => [
    `${prefix}${key}`,
    ...dottedKeys(each, `${prefix}${key}.`),
  ]);

/** What a value may be, in words: `a number above 0`, `one of none, crop`. */
export function allowedText(node: SchemaNode): string {
  if (node.enum) return `one of ${node.enum.join(', ')}`;
  if (node.const !== undefined) return String(node.const);
  if (isAnything(node)) return 'a value';
  if (node.anyOf) return alternatives(node.anyOf);
  if (node.type === 'array') return listText(node);
  if (node.type === 'object') return mappingText(node);
  if (node.type === 'integer') return `a whole number${limits(node)}`;
  if (node.type === 'number') return `a number${limits(node)}`;
  if (node.type === 'boolean') return 'true or false';
  if (node.type === 'null') return 'null';
  return node.pattern ? `text that matches ${node.pattern}` : 'text';
}

function alternatives(nodes: readonly SchemaNode[]): string {
  const names = nodes.map(({ properties }) => Object.keys(properties ?? {}));
  if (names.every((each) => each.length === 1)) return `a mapping with one of ${names.join(', ')}`;
  return nodes.map(allowedText).join(' or ');
}

function listText({ items, prefixItems, minItems }: SchemaNode): string {
  if (prefixItems) return `a list of ${prefixItems.length}: ${prefixItems.map(allowedText).join(', ')}`;
  const each = items ? plural(allowedText(items)) : 'values';
  return `a list${(minItems ?? 0) > 0 ? ', not empty,' : ''} of ${each}`;
}

function mappingText({ properties, required = [] }: SchemaNode): string {
  if (!properties) return 'a mapping of keys to values';
  const needed = required.length > 0 ? required : Object.keys(properties);
  return `a mapping with ${needed.length > 6 ? 'keys' : needed.join(', ')}`;
}

const plural = (text: string): string =>
  text
    .replace(/^one of /, '')
    .replace(/^a whole number/, 'whole numbers')
    .replace(/^a number/, 'numbers')
    .replace(/^a mapping/, 'mappings')
    .replace(/^a value$/, 'values');

/** What a key may be is not known to the sweep's schema: the run's schema says it later. */
const isAnything = ({ type, anyOf = [] }: SchemaNode): boolean =>
  Array.isArray(type) || anyOf.some(isAnything);

/** zod bounds whole numbers by what a double holds exactly: not worth saying. */
function limits({ minimum, exclusiveMinimum, maximum, exclusiveMaximum }: SchemaNode): string {
  const said: string[] = [];
  if (exclusiveMinimum !== undefined) said.push(`above ${exclusiveMinimum}`);
  if (minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER) said.push(`from ${minimum}`);
  if (exclusiveMaximum !== undefined) said.push(`below ${exclusiveMaximum}`);
  if (maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER) said.push(`to ${maximum}`);
  return said.length > 0 ? ` ${said.join(' ').replace(/ below/, ', below')}` : '';
}
