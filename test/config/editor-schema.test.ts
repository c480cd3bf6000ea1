import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { parse } from 'yaml';
import { editorSchema } from '../../src/config/editor-schema.ts';

const root = join(import.meta.dirname, '../..');
const validate = new Ajv2020({ strict: false }).compile(editorSchema());
const problemsOf = (text: string) =>
  validate(parse(text))
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);

const shipped = ['configs', 'experiments'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /(?<!classes)\.yaml$/.test(name) && !name.includes('results'))
    .map((name) => join(folder, name)),
);

test("every sweep file of the project meets the editors' schema, by another program", () => {
  assert.ok(shipped.length > 40);
  for (const path of shipped) assert.deepEqual(problemsOf(readFileSync(join(root, path), 'utf8')), [], path);
});

test('null takes a key back; unknown keys, wrong values and missing required keys do not meet it', () => {
  const good = ['training: { learningRate: null }', 'sweep: null', 'sweep: { grid: { training.l2: null } }'];
  for (const text of good) assert.deepEqual(problemsOf(text), [], text);
  const bad = [
    'training: { lr: 0.1 }',
    'training: { learningRate: fast }',
    'sweep: { random: { n: null, seed: 0, keys: {} } }',
  ];
  for (const text of bad) assert.notDeepEqual(problemsOf(text), [], text);
});
