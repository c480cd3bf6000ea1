import { join } from 'node:path';
import { logistic, nearestMean } from './claims.ts';
import { atEnd, atLoss } from './equal-loss.ts';
import { distinctRuns, predictorsTable } from './predictors.ts';
import { configurationsOf } from './provenance.ts';
import { type Study, studyPaths } from './studies.ts';
import type { CheckpointValues } from './values.ts';

interface StudyRows {
  readonly study: Study;
  readonly rows: readonly CheckpointValues[];
}

/** The confound check over runs of several knobs around one base: after equal epochs, by both readouts, and at equal training loss. */
export function confoundText(pool: readonly StudyRows[]): string {
  if (pool.length === 0) return 'Not run.';
  const configurations = new Map(
    pool.flatMap(({ study }) => [...configurationsOf(join(import.meta.dirname, studyPaths(study).config))]),
  );
  const configurationOf = ({ hash }: CheckpointValues): string => configurations.get(hash) ?? hash;
  const end = distinctRuns(pool.flatMap(({ rows }) => atEnd(rows)));
  const equal = distinctRuns(
    pool.flatMap(({ study, rows }) => (study.equalLoss === null ? [] : atLoss(rows, study.equalLoss))),
  );
  const counted = (rows: readonly CheckpointValues[]): string =>
    `${rows.length} runs of ${new Set(rows.map(configurationOf)).size} configurations`;
  return [
    `Runs of ${pool.map(({ study }) => study.id).join(', ')}. Rank correlations over the means of n configurations with 95 % intervals and permutation p values ([docs/statistics.md](../../docs/statistics.md#what-ranks-few-shot-accuracy)). Behind the best: how much larger the best one's absolute correlation is; an interval that holds 0 shows no difference.`,
    `Equal epochs, ${counted(end)}, logistic:`,
    predictorsTable(end, logistic, configurationOf),
    `Equal epochs, ${counted(end)}, nearest mean:`,
    predictorsTable(end, nearestMean, configurationOf),
    `Equal training loss, ${counted(equal)}, logistic. The loss is the same in all, so source test accuracy alone is held fixed:`,
    equal.length === 0
      ? 'No run passes it.'
      : predictorsTable(equal, logistic, configurationOf, ['sourceTestAccuracy']),
  ].join('\n\n');
}
