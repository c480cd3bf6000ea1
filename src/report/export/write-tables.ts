import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { writeFileAtomic } from '../../files/atomic.ts';
import { encodeParquet } from '../../formats/parquet/parquet-encode.ts';
import { csvText } from '../csv.ts';
import type { Row } from '../figures/figure.ts';
import type { ReadSweep } from '../read-runs.ts';
import { type LongTables, longTables } from './long-tables.ts';

/** runs.csv, epochs.csv, measures.csv and fewshot.csv in a folder, without those that have no row; returns their paths. */
export const writeCsv = (sweep: ReadSweep, folder: string): readonly string[] =>
  writeEach(sweep, folder, 'csv', csvText);

/** The same tables as Parquet: columns of booleans, whole numbers (int64), doubles or texts, all nullable. */
export const writeParquet = (sweep: ReadSweep, folder: string): readonly string[] =>
  writeEach(sweep, folder, 'parquet', (rows) => encodeParquet(rows, counts));

/** The same tables as one JSON object of arrays of objects, `-` for standard output. */
export function writeJson(sweep: ReadSweep, file: string): readonly string[] {
  const text = `${JSON.stringify({ sweep: sweep.name, ...longTables(sweep) })}\n`;
  if (file === '-') {
    process.stdout.write(text);
    return [];
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileAtomic(file, text);
  return [file];
}

function writeEach(
  sweep: ReadSweep,
  folder: string,
  ending: string,
  encode: (rows: readonly Row[]) => string | Uint8Array,
): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const tables: Readonly<Record<keyof LongTables, readonly Row[]>> = longTables(sweep);
  return Object.entries(tables).flatMap(([name, rows]) => {
    const path = join(folder, `${name}.${ending}`);
    if (rows.length === 0) {
      rmSync(path, { force: true });
      return [];
    }
    writeFileAtomic(path, encode(rows));
    return [path];
  });
}

/** Columns of whole numbers by their meaning: a type that does not change with the values at hand. */
const counts = new Set(
  'epoch epochs step ways shots queries episodes classes examples gcExamples gcProbes dimension config.seed config.measure.seed config.fewshot.seed'.split(
    ' ',
  ),
);
