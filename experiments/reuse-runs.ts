import { cpSync, existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { expandSweep } from '../src/config/expand.ts';
import { loadSweepFile } from '../src/config/load.ts';
import { formerHashesOf, hashInName } from '../src/config/run-identity.ts';
import { dataCacheFolder } from '../src/data/data-folder.ts';
import { temporaryName } from '../src/files/atomic.ts';
import { contentsReader } from '../src/pipeline/given-contents.ts';
import { latestAttempts, parseRunFolderName } from '../src/runs/attempts.ts';
import { stateOf } from '../src/runs/status.ts';

/**
 * Copies finished runs that the sweep file `config` asks for and another sweep's folder in `out` holds into `out/name`: equal
 * hashes are equal runs.
 */
export function reuseRuns(config: string, out: string, name: string): void {
  if (!existsSync(out)) return;
  const contents = contentsReader(dataCacheFolder(process.env));
  const present = new Set(foldersIn(join(out, name)).map((run) => parseRunFolderName(run).base));
  const finished = new Map<string, string>();
  for (const sweep of foldersIn(out))
    for (const run of sweep === name ? [] : latestAttempts(foldersIn(join(out, sweep)))) {
      const hash = hashInName(parseRunFolderName(run).base);
      const folder = join(out, sweep, run);
      if (hash !== null && stateOf(folder).state === 'done') finished.set(hash, folder);
    }
  for (const { config: run, hash, folderName } of expandSweep(
    loadSweepFile(config).file,
    undefined,
    contents,
  )) {
    const [from, to] = [
      [hash, ...formerHashesOf(run)].flatMap((each) => finished.get(each) ?? [])[0],
      join(out, name, folderName),
    ];
    if (from === undefined || present.has(folderName)) continue;
    mkdirSync(join(out, name), { recursive: true });
    const temporary = temporaryName(to);
    cpSync(from, temporary, { recursive: true });
    renameSync(temporary, to);
  }
}

const foldersIn = (path: string): readonly string[] =>
  existsSync(path)
    ? readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
