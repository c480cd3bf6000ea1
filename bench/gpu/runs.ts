import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stringify } from 'yaml';
import type { Finding } from './report.ts';

const gcnc = resolve(import.meta.dirname, '../../gcnc');

/** A sweep of small runs, one for each rate. */
const writeSweep = (folder: string, rates: readonly number[]): string => {
  const path = join(folder, 'check.yaml');
  const sweep = {
    data: { imageSize: 16, perClass: 8 },
    model: { name: 'resnet10', width: 8 },
    training: { epochs: 6, batchSize: 32, checkpointEvery: { epochs: 1 } },
    measure: { examples: 24, every: 'end' },
    fewshot: { episodes: 20 },
    sweep: { grid: { 'training.learningRate': rates } },
  };
  writeFileSync(path, stringify(sweep));
  return path;
};

const sweep = (path: string, out: string, environment: NodeJS.ProcessEnv, jobs = 1): number | null =>
  spawnSync(process.execPath, [gcnc, 'sweep', path, '--out', out, '--jobs', String(jobs), '--json'], {
    env: environment,
    encoding: 'utf8',
  }).status;

/** What a sweep computed: the digests of its metrics and weights, by path. */
export const resultsOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder, { recursive: true })
      .map(String)
      .filter((path) => /(metrics\.jsonl|weights\.safetensors)$/.test(path))
      .filter((path) => statSync(join(folder, path)).isFile())
      .sort()
      .map((path) => [
        path,
        createHash('sha256')
          .update(readFileSync(join(folder, path)))
          .digest('hex'),
      ]),
  );

/** How many results of the first the second has to the last bit, in words. */
export const agreement = (
  first: ReadonlyMap<string, string>,
  second: ReadonlyMap<string, string>,
): Pick<Finding, 'found' | 'isWell'> => {
  const same = [...first].filter(([path, digest]) => second.get(path) === digest).length;
  const isWell = same === first.size && first.size > 0 && second.size === first.size;
  return { found: `${same} of ${first.size} files of results are the same to the last bit`, isWell };
};

/** Kills a run in the midst of training, goes on, and compares with one that nobody disturbed. */
export const interruptedRun = async (work: string, environment: NodeJS.ProcessEnv): Promise<Finding[]> => {
  const path = writeSweep(work, [0.02]);
  const [whole, killed] = [join(work, 'whole'), join(work, 'killed')];
  if (sweep(path, whole, environment) !== 0) throw new Error('the undisturbed run failed');
  const child = spawn(
    process.execPath,
    [gcnc, 'sweep', path, '--out', killed, '--launcher', 'in-process', '--json'],
    { env: environment, stdio: 'ignore' },
  );
  const ended = new Promise((end) => child.on('close', end));
  const second = (): boolean => {
    const folder = join(killed, 'check');
    const runs = existsSync(folder) ? readdirSync(folder) : [];
    return runs.some(
      (run) =>
        existsSync(join(folder, run, 'checkpoints')) &&
        readdirSync(join(folder, run, 'checkpoints')).length >= 2,
    );
  };
  while (child.exitCode === null && !second()) await sleep(20);
  child.kill('SIGKILL');
  await ended;
  if (sweep(path, killed, environment) !== 0) throw new Error('the resumed run failed');
  return [
    { name: 'killed and resumed against undisturbed', ...agreement(resultsOf(whole), resultsOf(killed)) },
  ];
};

/** Two runs on one device at a time against one after the other. */
export const twoRunsAtOnce = (work: string, environment: NodeJS.ProcessEnv): Finding[] => {
  const path = writeSweep(work, [0.02, 0.04]);
  const shared = { ...environment, TF_NUM_INTRAOP_THREADS: '1' };
  const [one, two] = [join(work, 'one'), join(work, 'two')];
  if (sweep(path, one, shared) !== 0) throw new Error('one run after the other failed');
  if (sweep(path, two, shared, 2) !== 0) throw new Error('two runs at once failed');
  return [{ name: 'two runs at once against one by one', ...agreement(resultsOf(one), resultsOf(two)) }];
};
