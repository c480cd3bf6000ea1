import { type Association, betweenConfigurations, fewestConfigurations } from '../statistics/association.ts';
import { type CorrelationDifference, correlationDifference } from '../statistics/correlation-difference.ts';
import { groupBy } from '../statistics/group-by.ts';
import { partialSpearman } from '../statistics/partial-correlation.ts';
import { meanForRanks, type RankCorrelation } from '../statistics/rank-correlation.ts';

/** One finished run: which configuration it repeats, and its values by quantity; null where undefined. */
export interface PredictorRun {
  readonly configuration: string;
  readonly values: Readonly<Record<string, number | null>>;
}

/**
 * `source` measures see no image of the target classes, `target` measures do. `elsewhere`: of further classes and data sets.
 * `control`: how well the source is fitted.
 */
export type PredictorKind = 'source' | 'target' | 'elsewhere' | 'control';

/** The kind of what is measured on a set of a run's `elsewhere`, such as `sourceTrain`, `target`, `validation`, `mnist/test`. */
export const kindOfSet = (set: string): PredictorKind =>
  /^source(Train|Test)\b/.test(set) ? 'source' : /^target\b/.test(set) ? 'target' : 'elsewhere';

export interface PredictorQuantity {
  readonly id: string;
  readonly label: string;
  readonly kind: PredictorKind;
}

/** How one quantity ranks few-shot accuracy over configurations' means. Null where it cannot be said, with the reason in `because`. */
export interface Predictor extends PredictorQuantity {
  readonly configurations: number;
  readonly rho: Association | null;
  /** Rho with training loss and source test accuracy held fixed; of these two, with the other one. */
  readonly givenFit: RankCorrelation | null;
  /** What is left of source GC's rho once this quantity is held fixed; null for source GC itself. */
  readonly complexityGiven: RankCorrelation | null;
  /** How much less than the best of its kind it ranks: the best one's |rho| less its own; null for the best itself. */
  readonly behindBest: CorrelationDifference | null;
  readonly because: string | null;
}

export interface PredictorTable {
  readonly accuracy: { readonly id: string; readonly label: string };
  /** Runs with the accuracy, and their configurations. */
  readonly runs: number;
  readonly configurations: number;
  /** By the size of rho, largest first; those of fewer than five configurations come after the others, undefined ones last. */
  readonly predictors: readonly Predictor[];
}

const complexityId = 'sourceGc';
export const fitIds = ['sourceTrainLoss', 'sourceTestAccuracy'] as const;

/**
 * Which quantity ranks few-shot accuracy best, each over the configurations' means over seeds. With fewer than five configurations there
 * are values and no intervals. Nothing is corrected for having looked at many quantities: a table like this finds what to test next.
 */
export function predictorTable(
  all: readonly PredictorRun[],
  quantities: readonly PredictorQuantity[],
  accuracy: { readonly id: string; readonly label: string },
  controls: readonly string[] = fitIds,
): PredictorTable {
  const runs = all.filter(({ values }) => isKnown(values[accuracy.id]));
  const found = quantities.map((quantity) => describe(quantity, runs, accuracy.id, controls));
  const best = (kind: PredictorKind): Predictor | undefined =>
    found.filter((each) => each.kind === kind && each.rho !== null).toSorted(bySize)[0];
  const predictors = found.map((each): Predictor => {
    const leader = best(each.kind);
    if (leader === undefined || leader.id === each.id || each.rho === null) return each;
    const shared = meansOver(runs, [leader.id, each.id, accuracy.id]);
    const of = (id: string): readonly number[] => shared.map((values) => values[id]!);
    const behindBest =
      shared.length < fewestConfigurations
        ? null
        : correlationDifference(of(leader.id), of(each.id), of(accuracy.id));
    return { ...each, behindBest };
  });
  return {
    accuracy,
    runs: runs.length,
    configurations: meansOver(runs, [accuracy.id]).length,
    predictors: predictors.toSorted(bySize),
  };
}

/** Quantities of a kind that the best one is not shown to rank better than, the best one first; none of fewer than five configurations. */
export const leadersOf = ({ predictors }: PredictorTable, kind: PredictorKind): readonly Predictor[] =>
  predictors.filter(
    ({ kind: own, rho, behindBest }) =>
      own === kind && isTested(rho) && (behindBest === null || behindBest.ci95[0] <= 0),
  );

// Two configurations always have a rho of 1: what too few have been measured for is not ranked among the others.
const bySize = (a: Predictor, b: Predictor): number =>
  Number(isTested(b.rho)) - Number(isTested(a.rho)) || size(b) - size(a);
const isTested = (rho: Association | null): boolean => rho !== null && rho.p !== null;
const size = ({ rho }: Predictor): number => (rho === null ? -1 : Math.abs(rho.value));
const isKnown = (value: number | null | undefined): value is number => typeof value === 'number';

type Means = Readonly<Record<string, number>>;

function describe(
  quantity: PredictorQuantity,
  runs: readonly PredictorRun[],
  accuracy: string,
  controls: readonly string[],
): Predictor {
  const { id } = quantity;
  const known = meansOver(runs, [id, accuracy]);
  const n = known.length;
  const of = (key: string, rows: readonly Means[]): readonly number[] => rows.map((means) => means[key]!);
  const nothing = { configurations: n, rho: null, givenFit: null, complexityGiven: null, behindBest: null };
  if (n < 2)
    return { ...quantity, ...nothing, because: n === 0 ? 'not measured' : 'in one configuration only' };
  const pairs = known.map((means, configuration) => ({ configuration, x: means[id]!, y: means[accuracy]! }));
  const rho = betweenConfigurations(pairs);
  if (rho === null) return { ...quantity, ...nothing, because: 'no variation' };
  const given = (x: string, held: readonly string[]): RankCorrelation | null => {
    const rows = meansOver(runs, [x, ...held, accuracy]);
    if (rows.length < fewestConfigurations + held.length) return null;
    return partialSpearman(
      of(x, rows),
      of(accuracy, rows),
      held.map((key) => of(key, rows)),
    );
  };
  const held = controls.filter((control) => control !== id);
  const enough = n >= fewestConfigurations;
  return {
    ...quantity,
    configurations: n,
    rho,
    givenFit: held.length === 0 ? null : given(id, held),
    complexityGiven: id === complexityId ? null : given(complexityId, [id]),
    behindBest: null,
    because: enough ? null : 'too few configurations',
  };
}

/** Each configuration's means over its runs that have all of the quantities: of one and the same runs, as for a link. */
const meansOver = (runs: readonly PredictorRun[], ids: readonly string[]): readonly Means[] => {
  const complete = runs.filter(({ values }) => ids.every((id) => isKnown(values[id])));
  return [...groupBy(complete, ({ configuration }) => configuration).values()].map((group) =>
    Object.fromEntries(ids.map((id) => [id, meanForRanks(group.map(({ values }) => values[id]!))])),
  );
};
