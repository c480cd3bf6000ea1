/**
 * Tries everything on a tiny CIFAR-100: `npm run smoke`. It runs configs/smoke.yaml, its report and fine-tuning, and ends with 1 where
 * a measure or a readout has no value. Images are the first of each class from GCNC_DATA_DIR, or drawn ones in the same layout.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { measureRows } from '../../src/measures/measure-rows.ts';
import { imageReadoutNames, readoutNames } from '../../src/readouts/readouts.ts';
import { writeCifarSubset } from './cifar-subset.ts';
import { missingResults } from './missing-results.ts';

const root = resolve(import.meta.dirname, '../..');
const work = mkdtempSync(join(tmpdir(), 'gcnc-smoke-'));
const gcnc = (...args: readonly string[]): string =>
  execFileSync(join(root, 'gcnc'), args, {
    cwd: root,
    env: { ...process.env, GCNC_DATA_DIR: work },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
const say = (text: string): boolean => process.stdout.write(`smoke: ${text}\n`);

try {
  say(`${writeCifarSubset(work, process.env.GCNC_DATA_DIR)} images in CIFAR-100's layout`);
  const sweep: { runs: readonly { folder: string; state: string }[] } = JSON.parse(
    gcnc('sweep', 'configs/smoke.yaml', '--out', join(work, 'runs'), '--json'),
  );
  const wanted = {
    splits: ['sourceTrain', 'sourceTest', 'target'],
    measures: measureRows.map(({ key }) => key),
    shots: [1, 5],
    readouts: readoutNames,
  };
  const missing = sweep.runs.flatMap(({ folder, state }) => {
    if (state !== 'done') return [`${folder} is ${state}`];
    const lines = readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    return missingResults(lines.at(-1)!, wanted);
  });
  if (sweep.runs.length !== 2) missing.push(`${sweep.runs.length} runs instead of 2`);

  const readouts = ['nearest-mean', ...imageReadoutNames];
  const evaluated: { results: readonly { readout: string; accuracy: number }[] } = JSON.parse(
    gcnc(
      ...['eval', sweep.runs[0]!.folder, '--json', '--readout', readouts.join(',')],
      ...['--queries', '5', '--episodes', '10', '--fine-tune-episodes', '2', '--steps', '5'],
    ),
  );
  for (const name of readouts)
    if (!Number.isFinite(evaluated.results.find(({ readout }) => readout === name)?.accuracy))
      missing.push(`gcnc eval: ${name} has no accuracy`);
  gcnc('report', join(work, 'runs/smoke'));
  if (!existsSync(join(work, 'runs/smoke/report/report.html'))) missing.push('gcnc report wrote no page');

  for (const each of missing) say(each);
  if (missing.length > 0) process.exitCode = 1;
  else say(`${wanted.measures.length} measures and ${readoutNames.length + 1} readouts are there`);
} finally {
  rmSync(work, { recursive: true });
}
