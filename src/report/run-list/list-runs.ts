import { suggestion } from '../../config/nearest.ts';
import { InputError } from '../../input-error.ts';
import type { CheckpointLine } from '../../pipeline/records.ts';
import { hasSeveral } from '../flat-config.ts';
import { fewshotQuantities, fixedQuantities, optionalQuantities, type Quantity } from '../quantities.ts';
import type { FoundRun } from './find-runs.ts';

/** A run with what was measured of it last. */
export interface ListedRun extends FoundRun {
  /** The last step that metrics.jsonl tells of; null before the first. */
  readonly step: number | null;
  readonly checkpoint: CheckpointLine | null;
  /** By the quantity's id, in the units of metrics.jsonl: accuracies are shares of 1. Only what some run has. */
  readonly values: Readonly<Record<string, number | null>>;
  /** The 95 % intervals of those values that have one: over examples, or over episodes. */
  readonly intervals: Readonly<Record<string, readonly [number, number]>>;
}

export interface RunList {
  readonly runs: readonly ListedRun[];
  /** What at least one run has. */
  readonly quantities: readonly Quantity[];
  readonly fewshot: readonly Quantity[];
}

/** Joins each run with the values of its last measured checkpoint. */
export function listRuns(found: readonly FoundRun[]): RunList {
  const last = found.map(({ run }) => run.checkpoints.at(-1) ?? null);
  const known = last.filter((each) => each !== null);
  const fewshot = fewshotQuantities(known);
  const all = [...fixedQuantities, ...optionalQuantities(known), ...fewshot];
  const quantities = all.filter((each) => known.some((line) => each.read(line) !== null));
  const runs = found.map((each, index): ListedRun => {
    const checkpoint = last[index]!;
    const values = quantities.map(({ id, read }) => [id, checkpoint === null ? null : read(checkpoint)]);
    const intervals = quantities.flatMap(({ id, readInterval }) => {
      const interval = checkpoint === null ? null : (readInterval?.(checkpoint) ?? null);
      return interval === null ? [] : [[id, interval] as const];
    });
    const steps = [checkpoint?.step, each.run.epochs.at(-1)?.step].filter((step) => step !== undefined);
    const step = steps.length === 0 ? null : Math.max(...steps);
    return {
      ...each,
      step,
      checkpoint,
      values: Object.fromEntries(values),
      intervals: Object.fromEntries(intervals),
    };
  });
  return { runs, quantities, fewshot: quantities.filter((each) => fewshot.includes(each)) };
}

/** The few-shot accuracy that the table shows: what most runs have, the report's own where several are level. */
export function mainFewshot({ runs, fewshot }: RunList): Quantity | null {
  const count = ({ id }: Quantity): number => runs.filter(({ values }) => values[id] !== null).length;
  const most = Math.max(0, ...fewshot.map(count));
  return fewshot.findLast((each) => count(each) === most) ?? null;
}

/** What `--best` names: `fewshot` or a quantity's id. Throws InputError for others. */
export function bestQuantity(list: RunList, name: string): Quantity {
  const found = name === 'fewshot' ? mainFewshot(list) : list.quantities.find(({ id }) => id === name);
  if (found != null) return found;
  if (name === 'fewshot') throw new InputError('--best fewshot: no run here has a few-shot accuracy');
  const names = ['fewshot', ...list.quantities.map(({ id }) => id)];
  throw new InputError(`--best ${name}: no such measure${suggestion(name, names)}`);
}

/** Accuracies are best where they are highest, all other measures where they are lowest. */
export const isHighestBest = ({ unit }: Quantity): boolean => unit === '%';

/** Runs that are done by the quantity, the best first; then those that are not done, for they trained less; then those without it. */
export function bestFirst(runs: readonly ListedRun[], quantity: Quantity): readonly ListedRun[] {
  const sign = isHighestBest(quantity) ? -1 : 1;
  const rank = ({ run, values }: ListedRun): number =>
    values[quantity.id] == null ? 2 : run.state === 'done' ? 0 : 1;
  return runs.toSorted(
    (a, b) => rank(a) - rank(b) || sign * ((a.values[quantity.id] ?? 0) - (b.values[quantity.id] ?? 0)),
  );
}

/** Dotted keys in which the runs differ, those that the sweeps vary first; `seed` is no such key. */
export function variedKeys(runs: readonly ListedRun[]): readonly string[] {
  const planned = runs.flatMap(({ plannedKeys }) => plannedKeys);
  const keys = new Set([...planned, ...runs.flatMap(({ config }) => Object.keys(config))]);
  const varies = (key: string): boolean =>
    hasSeveral(
      key,
      runs.filter(({ run, config }) => run.config !== null || key in config).map(({ config }) => config[key]),
    );
  return [...keys].filter((key) => key !== 'seed' && varies(key));
}
