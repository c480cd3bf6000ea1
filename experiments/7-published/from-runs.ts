/**
 * node --import tsx experiments/7-published/from-runs.ts DIR
 *
 * Writes results/ of the rows that are training runs, from the last checkpoints of their configs' finished runs in DIR/7-published-<row>; then
 * `npm run experiments -- --results-only` makes the tables. The config's one seed is the row's one run.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hashByPaths } from '../../src/config/run-identity.ts';
import { writeFileAtomic } from '../../src/files/atomic.ts';
import type { CheckpointLine } from '../../src/pipeline/records.ts';
import { readSweep } from '../../src/report/read-runs.ts';
import { wilsonInterval } from '../../src/statistics/wilson-interval.ts';
import { plannedHashes } from '../provenance.ts';
import { publishedRows, type ResultFigure } from './published.ts';

/** The figures of a row that a last checkpoint has, accuracies in %: of few-shot episodes by logistic, and on the source's test images. */
export function figuresOf(
  checkpoint: CheckpointLine,
  keys: readonly string[],
): Readonly<Record<string, ResultFigure>> {
  const figures: Record<string, ResultFigure> = {};
  for (const key of keys) {
    const shots = /^(\d+) shots?$/.exec(key)?.[1];
    const episodes = checkpoint.fewshot?.results.find(
      (each) => each.readout === 'logistic' && String(each.shots) === shots,
    );
    if (episodes)
      figures[key] = {
        value: 100 * episodes.accuracy,
        ci95: [100 * episodes.ci95[0], 100 * episodes.ci95[1]],
      };
    const test = checkpoint.measures.find(({ split }) => split === 'sourceTest');
    if (key === 'test accuracy' && test?.accuracy != null) {
      const [low, high] = wilsonInterval(
        Math.round(test.accuracy * test.neuralCollapse.examples),
        test.neuralCollapse.examples,
      );
      figures[key] = { value: 100 * test.accuracy, ci95: [100 * low, 100 * high] };
    }
  }
  return figures;
}

function main(out: string): void {
  for (const { id, figures } of publishedRows()) {
    const folder = join(out, `7-published-${id}`);
    if (figures === undefined || !existsSync(folder)) continue;
    const asked = plannedHashes(join(import.meta.dirname, `${id}.yaml`));
    const done = readSweep(folder).runs.find(
      ({ state, config }) => state === 'done' && config !== null && asked.includes(hashByPaths(config)),
    );
    const last = done?.checkpoints.find(({ final }) => final);
    if (last === undefined) {
      process.stderr.write(`${id}: no finished run of today's config in ${folder}\n`);
      continue;
    }
    const found = figuresOf(
      last,
      figures.map(({ key }) => key),
    );
    const path = join(import.meta.dirname, 'results', `${id}.json`);
    writeFileAtomic(path, `${JSON.stringify({ figures: found }, null, 2)}\n`);
    process.stderr.write(`${id}: ${JSON.stringify(found)}\n`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(resolve(process.argv[2] ?? 'runs'));
