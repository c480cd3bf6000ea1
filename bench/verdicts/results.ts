import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cell } from './cells.ts';

/** A counted cell. */
export interface Counted {
  readonly sweeps: number;
  readonly count: number;
}

export const resultsFile = join(import.meta.dirname, '../verdicts.csv');
const header = 'configurations,seeds,ratio,quantity,sweeps,count\n';

export const keyOf = ({ quantity, world: { configurations, seeds, ratio } }: Cell): string =>
  `${configurations},${seeds},${ratio},${JSON.stringify(quantity)}`;

/** What has been counted so far, by `keyOf`; of a cell that was counted twice, the later one. */
export function readCounted(file = resultsFile): ReadonlyMap<string, Counted> {
  if (!existsSync(file)) return new Map();
  const lines = readFileSync(file, 'utf8').trim().split('\n').slice(1);
  return new Map(
    lines.map((line) => {
      const parts = /^(.*),(\d+),(\d+)$/.exec(line)!;
      return [parts[1]!, { sweeps: Number(parts[2]), count: Number(parts[3]) }];
    }),
  );
}

/** Appends one line, so that a run that is stopped goes on with the next cell. */
export function appendCounted(cell: Cell, { sweeps, count }: Counted): void {
  if (!existsSync(resultsFile)) writeFileSync(resultsFile, header);
  appendFileSync(resultsFile, `${keyOf(cell)},${sweeps},${count}\n`);
}
