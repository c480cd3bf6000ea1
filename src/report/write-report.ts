import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic.ts';
import { pathInside } from '../files/path-inside.ts';
import { aggregate } from './aggregate.ts';
import { csvText } from './csv.ts';
import { allFigures } from './figures/all-figures.ts';
import { drawFigures } from './figures/draw.ts';
import { reportPage } from './html/page.ts';
import { readSweep } from './read-runs.ts';

/** Where a sweep's report lies: in the folder `out`, by default the sweep's `report`. */
export const reportPaths = (sweepFolder: string, out = join(sweepFolder, 'report')) => ({
  folder: out,
  page: join(out, 'report.html'),
  figures: join(out, 'figures'),
});

/**
 * Writes report.html and its figures (.svg, .csv, .vl.json) in the sweep's folder `report`, or in `out`, and returns the page's path.
 * Says what is missing where runs have failed or none has finished; throws InputError where the folder is no sweep's.
 */
export async function writeReport(sweepFolder: string, atLoss?: number, out?: string): Promise<string> {
  const results = aggregate(readSweep(sweepFolder));
  const figures = allFigures(results);
  const { folder } = results.sweep;
  const paths = reportPaths(folder, out);
  const pathOf = (name: string): string =>
    out === undefined ? pathInside(folder, 'report', 'figures', name) : pathInside(out, 'figures', name);
  // Before anything is drawn, written or removed, also where there is no figure: the folders may be links.
  for (const name of ['none', ...figures.map(({ id }) => id)]) pathOf(name);
  const drawings = await drawFigures(figures);
  mkdirSync(paths.figures, { recursive: true });
  const written = new Set<string>();
  const write = (name: string, text: string): void => {
    writeFileAtomic(pathOf(name), text);
    written.add(name);
  };
  for (const { id, spec, rows } of figures) {
    write(`${id}.svg`, `${drawings.get(id)}\n`);
    write(`${id}.csv`, csvText(rows));
    write(`${id}.vl.json`, `${JSON.stringify(spec, null, 2)}\n`);
  }
  writeFileAtomic(paths.page, reportPage(results, { figures, drawings, atLoss }));
  removeOthers(paths.figures, written);
  return paths.page;
}

/** Figures of an earlier version of the sweep: a stale one would be taken for a result. */
function removeOthers(folder: string, keep: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (/\.(svg|csv|vl\.json)$/.test(name) && !keep.has(name)) rmSync(join(folder, name), { force: true });
}
