import {
  type Association,
  betweenConfigurations,
  isBeyondChance,
  type WithinConfigurations,
  withinConfigurations,
} from '../statistics/association.ts';
import { groupBy } from '../statistics/group-by.ts';
import type { Interpolated } from '../statistics/passage.ts';
import { kendall, type RankCorrelation, spearman } from '../statistics/rank-correlation.ts';
import type { FinishedRun, Results } from './aggregate.ts';
import { atEnd, type Moment } from './moment.ts';
import { fixedQuantity, type Quantity } from './quantities.ts';

export type Verdict = 'consistent' | 'opposite' | 'undecided' | 'too-few' | 'constant' | 'no-claim';

/** How two things moved together over the finished runs. */
export interface Trend {
  readonly from: string;
  readonly to: string;
  /** The quantities' ids, or the config's key for `from`. */
  readonly fromId: string;
  readonly toId: string;
  /** The sign that the paper reports; null where it says nothing. */
  readonly reported: 1 | -1 | null;
  readonly runs: number;
  readonly configurations: number;
  /** Over runs, without an interval: seeds of one configuration are not independent. */
  readonly spearman: RankCorrelation | null;
  readonly kendall: RankCorrelation | null;
  /** Over the configurations' means, with interval and permutation p value: what the verdict rests on. */
  readonly overMeans: Association | null;
  /** Over seeds at a fixed configuration: another question, with no part in the verdict. */
  readonly withinConfigurations: WithinConfigurations | null;
  /** Of the runs, those that are not under-trained, and their configurations. */
  readonly trainedRuns: number;
  readonly trainedConfigurations: number;
  /** Over configurations' means without the under-trained runs; null where there are none, or where nothing can be said without them. */
  readonly withoutUnderTrained: Association | null;
  readonly verdict: Verdict;
}

/** The verdicts on the reported trend. */
export const verdictText = {
  consistent: 'consistent',
  opposite: 'opposite',
  undecided: 'undecided',
  'too-few': 'too few configurations',
  constant: 'no variation',
  'no-claim': 'none was reported',
} as const satisfies Readonly<Record<Verdict, string>>;

/** Signs of the reported effect on the source's geometric complexity (Munn, Dherin and Gonzalvo, 2024). */
const reportedSigns: Readonly<Record<string, 1 | -1>> = {
  'training.learningRate': -1,
  'training.batchSize': 1,
  'training.l2': -1,
  'training.weightDecay': -1,
  'training.gcPenalty': -1,
};

/** Whether the paper says which way a config's key moves geometric complexity. */
export const hasReportedSign = (key: string): boolean => Object.hasOwn(reportedSigns, key);

interface Variable {
  readonly id: string;
  readonly label: string;
  readonly read: (run: FinishedRun) => Interpolated | null;
}

const variableAt =
  (moment: Moment) =>
  (quantity: Quantity): Variable => ({
    id: quantity.id,
    label: quantity.label,
    read: (run) => moment(run, quantity),
  });

/** Varied keys whose values are numbers in every configuration with results; in every one where none has any. */
export function numericKeys({ variedKeys, configurations }: Results): readonly string[] {
  const finished = configurations.filter((each) => each.finished.length > 0);
  const asked = finished.length > 0 ? finished : configurations;
  return variedKeys.filter((key) => asked.every(({ parameters }) => typeof parameters[key] === 'number'));
}

/** Several parts of a report ask for these, and a thousand runs take a second each time. */
const atEnds = new WeakMap<Results, readonly Trend[]>();

/** The chain under study, at the runs' ends or another moment: swept parameter -> source GC -> target collapse -> few-shot accuracy. */
export function trendsOf(results: Results, moment: Moment = atEnd): readonly Trend[] {
  if (moment !== atEnd) return trendsAt(results, moment);
  const trends = atEnds.get(results) ?? trendsAt(results, atEnd);
  atEnds.set(results, trends);
  return trends;
}

function trendsAt(results: Results, moment: Moment): readonly Trend[] {
  const ofQuantity = variableAt(moment);
  const gc = ofQuantity(fixedQuantity('sourceGc'));
  const collapse = ['targetCdnv', 'targetNc1'].map((id) => ofQuantity(fixedQuantity(id)));
  const fewshot = results.fewshot.map(ofQuantity);
  const swept = numericKeys(results).map((key) => {
    const parameter: Variable = {
      id: key,
      label: results.shortNames[key]!,
      read: ({ configuration }) => ({
        value: results.configurations[configuration]!.parameters[key] as number,
        error: 0,
      }),
    };
    return trend(results, parameter, gc, reportedSigns[key] ?? null);
  });
  return [
    ...swept,
    trend(results, ofQuantity(fixedQuantity('sourceGeometricCollapse')), collapse[0]!, 1),
    ...collapse.map((to) => trend(results, gc, to, 1)),
    ...fewshot.map((to) => trend(results, collapse[0]!, to, -1)),
    ...fewshot.map((to) => trend(results, gc, to, -1)),
  ];
}

/** One network that a sweep measures in several ways is one piece of evidence: its pair is the mean over the ways. */
const networkOf = ({ configurations }: Results, { run, seed, configuration }: FinishedRun): string =>
  seed === null ? run.folder : `${configurations[configuration]!.trainedAs} ${seed}`;

function trend(results: Results, from: Variable, to: Variable, reported: 1 | -1 | null): Trend {
  const pairs = [...groupBy(results.finished, (run) => networkOf(results, run)).values()].flatMap((runs) => {
    const known = runs.flatMap((run) => {
      const [x, y] = [from.read(run), to.read(run)];
      return x === null || y === null ? [] : [{ x: x.value, y: y.value, xError: x.error, yError: y.error }];
    });
    if (known.length === 0) return [];
    const mean = (key: 'x' | 'y' | 'xError' | 'yError'): number =>
      known.reduce((sum, each) => sum + each[key], 0) / known.length;
    return [
      {
        ...{ x: mean('x'), y: mean('y'), xError: mean('xError'), yError: mean('yError') },
        configuration: results.configurations[runs[0]!.configuration]!.trainedAs,
        trained: runs.every(({ underTrained }) => underTrained === null),
      },
    ];
  });
  const trained = pairs.filter((pair) => pair.trained);
  const overMeans = betweenConfigurations(pairs);
  const configurationsOf = (some: typeof pairs): number =>
    new Set(some.map(({ configuration }) => configuration)).size;
  const configurations = configurationsOf(pairs);
  const overRuns = (how: typeof spearman): RankCorrelation | null => {
    const found = how(
      pairs.map(({ x }) => x),
      pairs.map(({ y }) => y),
    );
    return found && { ...found, ci95: null };
  };
  return {
    from: from.label,
    to: to.label,
    fromId: from.id,
    toId: to.id,
    reported,
    runs: pairs.length,
    configurations,
    spearman: overRuns(spearman),
    kendall: overRuns(kendall),
    overMeans,
    withinConfigurations: withinConfigurations(pairs),
    trainedRuns: trained.length,
    trainedConfigurations: configurationsOf(trained),
    withoutUnderTrained: trained.length < pairs.length ? betweenConfigurations(trained) : null,
    verdict: verdictOn(overMeans, configurations, reported),
  };
}

/** The verdict that a permutation p value allows at the 5 % level. */
export function verdictOn(
  found: Association | null,
  configurations: number,
  reported: 1 | -1 | null,
): Verdict {
  if (found === null) return configurations < 2 ? 'too-few' : 'constant';
  if (found.p === null) return 'too-few';
  if (reported === null) return 'no-claim';
  if (!isBeyondChance(found.p)) return 'undecided';
  return Math.sign(found.value) === reported ? 'consistent' : 'opposite';
}
