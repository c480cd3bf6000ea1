import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { withMeasuresTable } from '../../scripts/measures-table-text.ts';
import { measureRows } from '../../src/measures/measure-rows.ts';

const text = readFileSync(new URL('../../docs/measures.md', import.meta.url), 'utf8');

it('docs/measures.md has the rows as they are (npm run measures-table)', () => {
  assert.equal(withMeasuresTable(text), text);
  for (const { key } of measureRows) assert.ok(text.includes(`| \`${key}\` |`), key);
});

it('a document without the marks is refused', () => {
  assert.throws(() => withMeasuresTable('# No table'), RangeError);
});
