import { shorten, textIn } from '../aggregate.ts';
import { measuredHow } from '../measured-how.ts';
import { counted, meanColumn } from '../number-text.ts';
import { type Quantity, storedUnit } from '../quantities.ts';
import { type Column, plainTable } from '../terminal-table.ts';
import type { FoundRuns } from './find-runs.ts';
import { isHighestBest, type ListedRun, mainFewshot, type RunList, variedKeys } from './list-runs.ts';
import { isOfEvaluation, unlikeRuns } from './unlike-runs.ts';

const keyMeasures = ['sourceTrainAccuracy', 'sourceTestAccuracy', 'sourceGc', 'targetGc', 'targetCdnv'];
const mostKeys = 6;

/** The table of `gcnc runs`: one row per run, with the values of its last measured checkpoint. */
export function runListText(list: RunList, shown: readonly ListedRun[], best: Quantity | null): string {
  const keys = variedKeys(shown);
  const short = shorten(keys);
  const shownKeys = keys.filter((key, at) => at < mostKeys || isOfEvaluation(key));
  const sweeps = new Set(shown.map(({ sweep }) => sweep));
  const fewshot = best !== null && list.fewshot.includes(best) ? best : mainFewshot(list);
  const measures = list.quantities.filter(({ id }) => keyMeasures.includes(id) || id === best?.id);
  const columns: Column[] = [
    ...(sweeps.size > 1 ? [{ head: 'sweep', cells: shown.map(({ sweep }) => sweep) }] : []),
    { head: 'run', cells: shown.map(({ run }) => run.name) },
    { head: 'state', cells: shown.map(({ run }) => run.state) },
    ...shownKeys.map((key) => ({
      head: short[key]!,
      cells: shown.map(({ run, config }) => textIn(run, config[key])),
    })),
    { head: 'seed', cells: shown.map(({ config }) => String(config.seed ?? '–')) },
    { head: 'step', cells: rightAligned(shown.map(({ step }) => String(step ?? '–'))) },
    ...(shown.some(isMeasuredBefore)
      ? [
          {
            head: 'measured at',
            cells: rightAligned(shown.map(({ checkpoint }) => String(checkpoint?.step ?? '–'))),
          },
        ]
      : []),
    ...measures.filter((each) => each !== fewshot).map((each) => measureColumn(each, shown)),
    ...(fewshot === null ? [] : [measureColumn(fewshot, shown)]),
  ];
  const unlike = unlikeRuns(shown, fewshot === null ? [] : [fewshot]);
  const below = [...notes(shown, best, keys.length - shownKeys.length), ...unlike.map((line) => `! ${line}`)];
  return `${[plainTable(columns), '', ...below].join('\n')}\n`;
}

const isMeasuredBefore = ({ step, checkpoint }: ListedRun): boolean =>
  checkpoint !== null && checkpoint.step !== step;

const headOf = ({ label, unit }: Quantity): string => (unit === '%' ? `${label} %` : label);

/** With half of the estimate's interval, where its record has one. */
const measureColumn = (quantity: Quantity, shown: readonly ListedRun[]): Column => ({
  head: headOf(quantity),
  cells: meanColumn(
    shown.map(({ values, intervals }) => {
      const mean = values[quantity.id] ?? null;
      const interval = intervals[quantity.id];
      return mean === null
        ? null
        : { mean, n: 1, halfWidth: interval === undefined ? null : (interval[1] - interval[0]) / 2 };
    }),
    quantity.factor,
  ),
});

function notes(shown: readonly ListedRun[], best: Quantity | null, keysLeft: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const { run } of shown) counts.set(run.state, (counts.get(run.state) ?? 0) + 1);
  const damaged = shown.filter(({ run }) => run.problems.length > 0);
  return [
    `${counted(shown.length, 'run')}: ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}. Values are of the last measured checkpoint.`,
    '±: half of the 95 % interval, of few-shot accuracy over episodes, of other measures over examples.',
    ...measuredHow(
      shown.flatMap(({ checkpoint }) => (checkpoint === null ? [] : [{ final: checkpoint }])),
    ).map((line) => `${line[0]!.toUpperCase()}${line.slice(1)}.`),
    ...(best === null
      ? []
      : [
          `By ${best.longLabel ?? best.label}, the ${isHighestBest(best) ? 'highest' : 'lowest'} first, runs that are not done last. The first of many runs owes a part of its lead to chance.`,
        ]),
    ...(keysLeft > 0 ? [`${keysLeft} more keys vary; --json has them.`] : []),
    ...damaged.map(({ run }) => `! ${run.name}: ${run.problems.join('; ')}`),
  ];
}

function rightAligned(cells: readonly string[]): readonly string[] {
  const width = Math.max(...cells.map(({ length }) => length));
  return cells.map((cell) => cell.padStart(width));
}

/** One object per run: what the table has, and all measures. */
export function runListJson(
  list: RunList,
  shown: readonly ListedRun[],
  notJudged: number,
  { leftOut, problems }: Pick<FoundRuns, 'leftOut' | 'problems'>,
) {
  const keys = variedKeys(shown);
  return {
    keys,
    fewshot: mainFewshot(list)?.id ?? null,
    notJudged,
    leftOut,
    problems: [...unlikeRuns(shown, list.fewshot), ...problems],
    quantities: list.quantities.map(({ id, label, ...rest }) => ({ id, label, unit: storedUnit(rest) })),
    runs: shown.map(({ sweep, run, config, step, checkpoint, values, intervals }) => ({
      sweep,
      name: run.name,
      folder: run.folder,
      state: run.state,
      reason: run.reason,
      seed: config.seed ?? null,
      parameters: Object.fromEntries(keys.map((key) => [key, config[key] ?? null])),
      step,
      measuredAtStep: checkpoint?.step ?? null,
      values,
      intervals,
      fewshot: checkpoint?.fewshot ?? null,
      problems: run.problems,
    })),
  };
}
