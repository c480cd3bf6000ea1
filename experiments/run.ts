/**
 * npm run experiments [-- NAME...] [--results-only] [--out DIR]: runs the studies whose name starts with NAME (all without
 * one), goes on where they stopped, then rewrites results/ and the tables in the READMEs. Runs that a sweep shares with one
 * already made are taken from there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { expandSweep } from '../src/config/expand.ts';
import { loadSweepFile } from '../src/config/load.ts';
import { standingOf } from '../src/run/status.ts';
import { type Study, studies, studyPaths } from './studies.ts';
import { here, writeDocuments, writeStudyResults } from './write-results.ts';

const root = resolve(here, '..');

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: join(root, 'runs', 'experiments') },
      'results-only': { type: 'boolean', default: false },
    },
  });
  const out = resolve(values.out);
  const chosen = studies.filter(
    ({ id }) => positionals.length === 0 || positionals.some((name) => id.startsWith(name)),
  );
  if (chosen.length === 0) {
    process.stderr.write(
      `no study ${positionals.join(', ')}; there are ${studies.map(({ id }) => id).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  for (const study of chosen) {
    const config = join(here, studyPaths(study).config);
    const { name } = loadSweepFile(config);
    if (!values['results-only'] && !runSweep(config, out, name)) return;
    if (existsSync(join(out, name))) await writeStudyResults(study, join(out, name));
  }
  writeDocuments();
  process.stderr.write(
    `results and READMEs of ${chosen.map(({ id }: Study) => id).join(', ')} are rewritten\n`,
  );
}

/** False where it was interrupted or the input was wrong; failed runs are results too. */
function runSweep(config: string, out: string, name: string): boolean {
  reuseRuns(config, out, name);
  const args = ['sweep', config, '--out', out, '--jobs', '1'];
  const { status } = spawnSync(join(root, 'gcnc'), args, { cwd: root, stdio: 'inherit' });
  if (status === 0 || status === 1) return true;
  process.exitCode = status ?? 1;
  return false;
}

/** Copies finished runs that the sweep asks for and another sweep beside it has made: equal hashes are equal runs. */
function reuseRuns(config: string, out: string, name: string): void {
  if (!existsSync(out)) return;
  const finished = new Map<string, string>();
  for (const sweep of readdirSync(out))
    for (const run of sweep === name ? [] : readdirSync(join(out, sweep))) {
      const hash = /-([0-9a-f]{8})$/.exec(run)?.[1];
      const folder = join(out, sweep, run);
      if (hash !== undefined && standingOf(folder).state === 'done') finished.set(hash, folder);
    }
  for (const { hash, folderName } of expandSweep(loadSweepFile(config).file)) {
    const [from, to] = [finished.get(hash), join(out, name, folderName)];
    if (from !== undefined && !existsSync(to)) cpSync(from, to, { recursive: true });
  }
}

await main();
