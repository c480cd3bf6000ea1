/**
 * Start-up of a sweep of 500 runs: seconds from the command to the first run's process, with a stub in place of the run.
 * `node --import tsx bench/sweep-start.ts` prints one JSON object: fresh, and with 499 runs done.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sweepInputOf } from '../src/cli/sweep.ts';
import { loadSweepFile } from '../src/config/load.ts';
import { runPaths } from '../src/runs/paths.ts';
import { metricsDigest, writeStatus } from '../src/runs/status.ts';
import { checkInputs } from '../src/sweep/check-inputs.ts';
import { localLauncher } from '../src/sweep/launchers/local.ts';
import { planSweep } from '../src/sweep/plan.ts';
import { runSweep } from '../src/sweep/run-sweep.ts';
import { median } from './median.ts';

const config = `
data: { name: glyphs, imageSize: 16, perClass: 4, augmentation: none }
model: { name: resnet10, width: 4 }
sweep:
  grid:
    training.learningRate: [0.001, 0.002, 0.003, 0.004, 0.005, 0.006, 0.007, 0.008, 0.009, 0.01]
    training.l2: [0, 0.0001, 0.001, 0.01, 0.1]
  seeds: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
`;

/** What `gcnc sweep` does, with a run that notes when it began. */
async function sweep(path: string, out: string): Promise<void> {
  const loaded = loadSweepFile(path, []);
  const input = sweepInputOf(loaded);
  await checkInputs(input.runs, process.env);
  await runSweep(input, {
    out,
    retryFailed: false,
    force: false,
    retries: 0,
    failFast: false,
    jobs: 1,
    gpus: [],
    perGpu: 1,
    cores: 2,
    slurm: {},
    launcher: localLauncher(['sh', '-c', `date +%s%N >> ${join(out, 'began')}; exec sleep 100`, 'stub']),
    stream: process.stderr,
    environment: process.env,
  });
}

/** Seconds from the command to the first run. */
async function startUp(path: string, out: string): Promise<number> {
  mkdirSync(out, { recursive: true });
  const began = join(out, 'began');
  rmSync(began, { force: true });
  const start = Date.now();
  const child = spawn(process.execPath, ['--import', 'tsx', import.meta.filename, path, out], {
    stdio: 'ignore',
  });
  let first = '';
  while (!first.includes('\n')) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    try {
      first = readFileSync(began, 'utf8');
    } catch {}
  }
  const ended = new Promise((resolve) => child.on('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  return Number(first.split('\n')[0]) / 1e9 - start / 1e3;
}

/** As if all runs but the last were done, each with a metrics.jsonl of 20 kB. */
function finishAllButOne(path: string, out: string): void {
  const input = sweepInputOf(loadSweepFile(path, []));
  const now = new Date().toISOString();
  for (const { folder } of planSweep(input, { out, retryFailed: false, force: false }).runs.slice(0, -1)) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(runPaths(folder).metrics, 'x'.repeat(20_000));
    writeStatus(folder, {
      state: 'done',
      attempt: 1,
      pid: 1,
      host: 'elsewhere',
      start: now,
      heartbeat: now,
      reason: null,
      metrics: metricsDigest(folder),
    });
  }
}

const [path, out] = process.argv.slice(2);
if (path !== undefined && out !== undefined) await sweep(path, out);
else {
  const folder = mkdtempSync(join(tmpdir(), 'gcnc-bench-'));
  const file = join(folder, 'big.yaml');
  writeFileSync(file, config);
  const repeats = 5;
  const fresh: number[] = [];
  for (let round = 0; round < repeats; round += 1)
    fresh.push(await startUp(file, join(folder, `fresh-${round}`)));
  const resumed: number[] = [];
  for (let round = 0; round < repeats; round += 1) {
    finishAllButOne(file, join(folder, 'resumed'));
    resumed.push(await startUp(file, join(folder, 'resumed')));
  }
  const typical = (values: readonly number[]): number => Number(median(values).toFixed(2));
  process.stdout.write(
    `${JSON.stringify({ runs: 500, seconds: { fresh: typical(fresh), with499Done: typical(resumed) }, cores: cpus().length, node: process.version })}\n`,
  );
  rmSync(folder, { recursive: true });
}
