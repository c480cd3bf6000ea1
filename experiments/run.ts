/**
 * npm run experiments [-- NAME...] [--results-only] [--out DIR] [--jobs N]: runs the studies whose name starts with NAME (all
 * without one), goes on where they stopped, then rewrites results/ and the tables in the READMEs. Runs that a sweep shares with
 * one already made are taken from there.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { sweepInputOf } from '../src/cli/sweep.ts';
import { loadSweepFile } from '../src/config/load.ts';
import { planSweep, writeSweepFile } from '../src/sweep/plan.ts';
import { runEstimatorStudy } from './2-estimators/run.ts';
import { reuseRuns } from './reuse-runs.ts';
import { type Study, studies, studyPaths } from './studies.ts';
import { here, writeDocuments, writeStudyResults } from './write-results.ts';

const root = resolve(here, '..');

/** One entry of the list that NAME chooses from: how it is run, and how its results are written where it was. */
interface Job {
  readonly id: string;
  readonly config: string;
  readonly writeResults: (sweepFolder: string) => Promise<boolean>;
}

const jobOf = (study: Study): Job => ({
  id: study.id,
  config: join(here, studyPaths(study).config),
  writeResults: async (sweepFolder) => {
    await writeStudyResults(study, sweepFolder);
    return true;
  },
});

const jobs: readonly Job[] = [
  ...studies.map(jobOf),
  // Last: its one run is one of 6-augmented's.
  {
    id: '2-estimators/estimators',
    config: join(here, '2-estimators/estimators.small.yaml'),
    writeResults: runEstimatorStudy,
  },
];

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      out: { type: 'string', default: join(root, 'runs', 'experiments') },
      jobs: { type: 'string', default: '1' },
      'results-only': { type: 'boolean', default: false },
    },
  });
  const out = resolve(values.out);
  const chosen = jobs.filter(
    ({ id }) => positionals.length === 0 || positionals.some((name) => id.startsWith(name)),
  );
  const unknown = positionals.filter((name) => !jobs.some(({ id }) => id.startsWith(name)));
  if (unknown.length > 0) {
    process.stderr.write(
      `no study ${unknown.join(', ')}; there are ${jobs.map(({ id }) => id).join(', ')}\n`,
    );
    process.exitCode = 2;
    return;
  }
  const named = chosen.map((job) => ({ ...job, name: loadSweepFile(job.config).name }));
  // All runs before the first result is written: what a run records of uncommitted changes is then of code.
  for (const { config, name } of values['results-only'] ? [] : named)
    if (!runSweep(config, out, name, values.jobs)) return;
  for (const { config, name, writeResults } of named) {
    const folder = join(out, name);
    if (!existsSync(folder)) continue;
    if (values['results-only']) planWhole(config, out, name);
    if (!(await writeResults(folder))) process.exitCode = 1;
  }
  await writeDocuments();
  process.stderr.write(`results and READMEs of ${chosen.map(({ id }) => id).join(', ')} are rewritten\n`);
}

/** Results are of the whole sweep, also where the last command asked for some of its seeds: a base that other sweeps share has all of its own. */
function planWhole(config: string, out: string, name: string): void {
  reuseRuns(config, out, name);
  const input = sweepInputOf(loadSweepFile(config));
  writeSweepFile(planSweep(input, { out, retryFailed: false, force: false }), input);
}

/** False where it was interrupted or the input was wrong; failed runs are results too. */
function runSweep(config: string, out: string, name: string, jobCount: string): boolean {
  reuseRuns(config, out, name);
  const args = ['sweep', config, '--out', out, '--jobs', jobCount];
  const { status } = spawnSync(join(root, 'gcnc'), args, { cwd: root, stdio: 'inherit' });
  if (status === 0 || status === 1) return true;
  process.exitCode = status ?? 1;
  return false;
}

await main();
