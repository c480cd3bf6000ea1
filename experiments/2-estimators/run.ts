import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkpointSteps } from '../../src/pipeline/starting-point.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { runPaths } from '../../src/runs/paths.ts';
import { readProvenance } from './points.ts';

/**
 * The estimates on the one run of a sweep of estimators.small.yaml, in a process of its own; nothing where results/ already
 * holds those of the same weights. False where they failed; true, with nothing done, where the run has not finished.
 */
export async function runEstimatorStudy(sweepFolder: string): Promise<boolean> {
  const run = readSweep(sweepFolder).runs.find(({ state }) => state === 'done');
  if (run === undefined) return true;
  const paths = runPaths(run.folder);
  const last = checkpointSteps(paths).at(-1)!;
  const weights = readFileSync(join(paths.checkpoint(last).folder, 'weights.safetensors'));
  const digest = createHash('sha256').update(weights).digest('hex');
  if (readProvenance(join(import.meta.dirname, 'results'))?.weights === digest) return true;
  const script = join(import.meta.dirname, 'study.ts');
  const { status } = spawnSync(process.execPath, ['--import', 'tsx', script, run.folder], {
    stdio: 'inherit',
  });
  return status === 0;
}
