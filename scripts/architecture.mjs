/** Writes the figure of docs/architecture.md anew from the imports of src/: npm run architecture. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { architectureText } from './imports.mjs';

const root = resolve(import.meta.dirname, '..');
const path = join(root, 'docs/architecture.md');
writeFileSync(path, architectureText(root, readFileSync(path, 'utf8')));
