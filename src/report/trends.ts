import { type FinishedRun, finalMean, type Results } from './aggregate.ts';
import { kendall, type RankCorrelation, spearman } from './correlation.ts';
import { groupBy } from './group-by.ts';
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
  readonly spearman: RankCorrelation | null;
  readonly kendall: RankCorrelation | null;
  /** Over the configurations' means, which seeds do not multiply. */
  readonly overMeans: RankCorrelation | null;
  /** Without the under-trained runs, where there are any. */
  readonly withoutUnderTrained: RankCorrelation | null;
  readonly verdict: Verdict;
}

/** The verdicts, said of "the reported trend". */
export const verdictText: Readonly<Record<Verdict, string>> = {
  consistent: 'consistent with it',
  opposite: 'not reproduced: the opposite',
  undecided: 'undecided: interval includes 0',
  'too-few': 'too few runs to say',
  constant: 'no variation, nothing to say',
  'no-claim': 'none was reported',
};

/** Signs of the reported effect on the source's geometric complexity (Munn, Dherin and Gonzalvo, 2024). */
const reportedSigns: Readonly<Record<string, 1 | -1>> = {
  'training.learningRate': -1,
  'training.batchSize': 1,
  'training.l2': -1,
  'training.weightDecay': -1,
  'training.gcPenalty': -1,
};

interface Variable {
  readonly id: string;
  readonly label: string;
  readonly read: (run: FinishedRun) => number | null;
}

const ofQuantity = (quantity: Quantity): Variable => ({
  id: quantity.id,
  label: quantity.label,
  read: ({ final }) => quantity.read(final),
});

/** Varied keys whose values are numbers in every configuration. */
export const numericKeys = ({ variedKeys, configurations }: Results): readonly string[] =>
  variedKeys.filter((key) => configurations.every(({ parameters }) => typeof parameters[key] === 'number'));

/** The chain under study: swept parameter -> source GC -> target collapse -> few-shot accuracy. */
export function trendsOf(results: Results): readonly Trend[] {
  const gc = ofQuantity(fixedQuantity('sourceGc'));
  const collapse = ['targetCdnv', 'targetNc1'].map((id) => ofQuantity(fixedQuantity(id)));
  const fewshot = results.fewshot.map(ofQuantity);
  const swept = numericKeys(results).map((key) => {
    const parameter: Variable = {
      id: key,
      label: results.shortNames[key]!,
      read: ({ configuration }) => results.configurations[configuration]!.parameters[key] as number,
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

function trend(results: Results, from: Variable, to: Variable, reported: 1 | -1 | null): Trend {
  const pairs = results.finished.flatMap((run) => {
    const [x, y] = [from.read(run), to.read(run)];
    return x === null || y === null ? [] : [{ x, y, run }];
  });
  const correlate = (some: typeof pairs, how: typeof spearman): RankCorrelation | null =>
    how(
      some.map(({ x }) => x),
      some.map(({ y }) => y),
    );
  const whole = correlate(pairs, spearman);
  const trained = pairs.filter(({ run }) => run.underTrained === null);
  const byConfiguration = groupBy(pairs, ({ run }) => run.configuration);
  const means = [...byConfiguration.values()].map((group) => ({
    ...group[0]!,
    x: group.reduce((sum, { x }) => sum + x / group.length, 0),
    y: group.reduce((sum, { y }) => sum + y / group.length, 0),
  }));
  return {
    from: from.label,
    to: to.label,
    fromId: from.id,
    toId: to.id,
    reported,
    runs: pairs.length,
    configurations: means.length,
    spearman: whole,
    kendall: correlate(pairs, kendall),
    overMeans: means.length < pairs.length ? correlate(means, spearman) : null,
    withoutUnderTrained: trained.length < pairs.length ? correlate(trained, spearman) : null,
    verdict: verdictOn(whole, pairs.length, reported),
  };
}

function verdictOn(found: RankCorrelation | null, runs: number, reported: 1 | -1 | null): Verdict {
  if (found === null) return runs < 2 ? 'too-few' : 'constant';
  if (found.ci95 === null) return 'too-few';
  if (reported === null) return 'no-claim';
  const [low, high] = found.ci95;
  if (low <= 0 && high >= 0) return 'undecided';
  return Math.sign(found.value) === reported ? 'consistent' : 'opposite';
}

/** How a quantity went from the lowest to the highest value of a swept key: configuration means at the two ends. */
export interface Movement {
  readonly quantity: Quantity;
  readonly first: number;
  readonly last: number;
}

/** The two ends of the one numeric swept key, or null where several keys vary or fewer than two values have results. */
export function movementsOf(results: Results): {
  readonly key: string;
  readonly ends: readonly [number, number];
  readonly moved: readonly Movement[];
} | null {
  const key = numericKeys(results)[0];
  if (key === undefined || results.variedKeys.length !== 1) return null;
  const ordered = results.configurations
    .filter(({ finished }) => finished.length > 0)
    .toSorted((a, b) => (a.parameters[key] as number) - (b.parameters[key] as number));
  const [low, high] = [ordered[0], ordered.at(-1)];
  if (low === undefined || high === undefined || low === high) return null;
  const shown = [...['sourceGc', 'targetCdnv', 'targetNc1'].map(fixedQuantity), ...results.fewshot];
  const moved = shown.flatMap((quantity) => {
    const [first, last] = [finalMean(low, quantity), finalMean(high, quantity)];
    return first === null || last === null ? [] : [{ quantity, first: first.mean, last: last.mean }];
  });
  return { key, ends: [low.parameters[key] as number, high.parameters[key] as number], moved };
}
