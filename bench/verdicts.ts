/**
 * Question: how often are the report's verdicts false, how often do its intervals hold the true value, and what can they see?
 * Command:  node --import tsx bench/verdicts.ts [SWEEPS]     2,000 per cell: 15 to 30 minutes of one quiet core
 *           node --import tsx bench/verdicts.ts --table      rewrites the tables of docs/statistics.md from bench/verdicts.csv
 *
 * Counted cells are appended to bench/verdicts.csv; those that are there with as many sweeps are not counted again, so that a
 * run that was stopped goes on. Each cell has random numbers of its own.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cells, countIn, sweepsOf } from './verdicts/cells.ts';
import { appendCounted, keyOf, readCounted } from './verdicts/results.ts';
import { verdictTables } from './verdicts/tables.ts';

const asked = process.argv[2] === '--table' ? 0 : Number(process.argv[2] ?? 2000);
const before = readCounted();
for (const cell of cells) {
  const sweeps = sweepsOf(cell, asked);
  if ((before.get(keyOf(cell))?.sweeps ?? 0) >= sweeps) continue;
  const start = performance.now();
  const count = countIn(cell, sweeps);
  appendCounted(cell, { sweeps, count });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  process.stdout.write(`${keyOf(cell)}: ${count} of ${sweeps}, ${seconds} s\n`);
}

const page = join(import.meta.dirname, '../docs/statistics.md');
const marked = /(<!-- verdicts -->\n)[\s\S]*?(\n<!-- end -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(
    marked,
    (_, start: string, end: string) => `${start}\n${verdictTables(readCounted())}\n${end}`,
  ),
);
