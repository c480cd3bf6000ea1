/**
 * Times the readouts on episodes and embeddings that bench/fewshot.py wrote (it runs this file, beside scikit-learn's and easyfsl's
 * loops on the same episodes). Arguments: FOLDER with embeddings.npz and episodes.json. Prints one JSON object.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz } from '../src/data/npz.ts';
import { parseEpisodes } from '../src/fewshot/episode-file.ts';
import { evaluateFewshot } from '../src/fewshot/evaluate.ts';
import type { ReadoutName } from '../src/fewshot/readouts.ts';

const folder = process.argv[2]!;
const arrays = readNpz(join(folder, 'embeddings.npz'));
const { values, shape } = arrays.get('embeddings') as { values: Float32Array; shape: number[] };
const labels = arrays.get('labels')!.values as Int32Array;
const classNames = Array.from({ length: Math.max(...labels) + 1 }, (_, c) => String(c));
const embeddings = { values, dimension: shape[1]!, labels, classNames };
const list = parseEpisodes(readFileSync(join(folder, 'episodes.json'), 'utf8'), 'episodes.json');

const time = (readouts: readonly ReadoutName[]) => {
  const start = process.hrtime.bigint();
  const { record } = evaluateFewshot(embeddings, {
    ...list,
    shots: [list.shots],
    readouts,
    split: 'target',
    list,
  });
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  return { seconds, accuracy: record.results[0]!.accuracy };
};

const names = ['nearest-mean', 'cosine', 'ridge', 'logistic'] as const;
console.log(JSON.stringify(Object.fromEntries(names.map((name) => [name, time([name])]))));
