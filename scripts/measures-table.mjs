/** Writes the table of docs/measures.md anew from the rows of src/measures: npm run measures-table. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withMeasuresTable } from './measures-table-text.ts';

const path = join(resolve(import.meta.dirname, '..'), 'docs/measures.md');
writeFileSync(path, withMeasuresTable(readFileSync(path, 'utf8')));
