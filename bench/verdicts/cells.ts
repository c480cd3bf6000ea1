import { type RandomStream, randomStream } from '../../src/random/random.ts';
import {
  betweenConfigurations,
  fewestConfigurations,
  isBeyondChance,
  type Pair,
  withinConfigurations,
} from '../../src/statistics/association.ts';
import { groupBy } from '../../src/statistics/group-by.ts';
import { spearman } from '../../src/statistics/rank-correlation.ts';
import { hierarchicalInterval } from './hierarchical-bootstrap.ts';
import { differenceIsCovered, type PredictorPair } from './predictor-pairs.ts';
import { simulatedSweep, trueRho, type World } from './worlds.ts';

/** Configurations and seeds. */
export const designs = [
  [3, 3],
  [4, 3],
  [5, 1],
  [5, 3],
  [6, 3],
  [8, 3],
  [12, 5],
] as const;
export const ratios = [0, 1, 3, 5] as const;
export const knobs = [1, 2, 4, 8] as const;
export const correlations = [0.3, 0.5, 0.7, 0.9] as const;
/** Correlations of two predictors with accuracy, whose difference is estimated. */
export const predictorPairs: readonly PredictorPair[] = [
  { first: 0.8, second: 0.8 },
  { first: 0.9, second: 0.5 },
  { first: 0.5, second: 0 },
  { first: 0.7, second: -0.7 },
];
export const differenceName = ({ first, second }: PredictorPair): string => `difference ${first} ${second}`;
/** Resampling is slow, so that its coverage is counted over fewer sweeps. */
export const resamples = 599;
const shareOfSweeps = 0.25;

/** One number of the tables: in how many simulated sweeps something holds. */
export interface Cell {
  readonly quantity: string;
  readonly world: World;
  /** Of the sweeps asked for. */
  readonly share?: number;
  /** What to count, given the world's true rho. */
  readonly holds: (pairs: readonly Pair[], truth: number, random: RandomStream) => boolean;
  readonly needsTruth?: boolean;
}

const judged = (p: number | null | undefined): boolean => p !== null && p !== undefined && isBeyondChance(p);
const mostExact = 8;
const exactly = new Map<string, boolean>();
/** Up to 8 configurations all arrangements are counted, so that the verdict depends on their number and on |rho| alone. */
function between(pairs: readonly Pair[]): boolean {
  const means = meansOf(pairs);
  const rho = spearman(means.x, means.y)?.value ?? 0;
  if (means.x.length > mostExact) return judged(betweenConfigurations(pairs)?.p);
  const key = `${means.x.length} ${Math.abs(rho).toFixed(9)}`;
  const known = exactly.get(key) ?? judged(betweenConfigurations(pairs)?.p);
  exactly.set(key, known);
  return known;
}

/** The configurations' means over seeds. */
function meansOf(pairs: readonly Pair[]) {
  const groups = [...groupBy(pairs, ({ configuration }) => configuration).values()];
  const mean = (read: (pair: Pair) => number): readonly number[] =>
    groups.map((group) => group.reduce((sum, pair) => sum + read(pair), 0) / group.length);
  return { x: mean(({ x }) => x), y: mean(({ y }) => y) };
}
const knob = (pairs: readonly Pair[]): boolean =>
  between(pairs.map((pair) => ({ ...pair, x: pair.configuration })));
const within = (pairs: readonly Pair[]): boolean => judged(withinConfigurations(pairs)?.p);
const inside = (ends: readonly [number, number] | null | undefined, truth: number): boolean =>
  ends !== null && ends !== undefined && ends[0] <= truth && truth <= ends[1];
/** The report's interval, without the permutation test beside it. */
const covered = (pairs: readonly Pair[], truth: number): boolean => {
  const { x, y } = meansOf(pairs);
  return inside(spearman(x, y)?.ci95, truth);
};
const coveredByBootstrap = (pairs: readonly Pair[], truth: number, random: RandomStream): boolean =>
  inside(
    hierarchicalInterval(
      [...groupBy(pairs, ({ configuration }) => configuration).values()],
      resamples,
      random,
    ),
    truth,
  );

/** Every cell of the tables of docs/statistics.md. */
export const cells: readonly Cell[] = designs.flatMap(([configurations, seeds]) => {
  const enough = configurations >= fewestConfigurations;
  const size = { configurations, seeds };
  const ofRatio = ratios.flatMap((ratio): readonly Cell[] => {
    const nothing = { ...size, ratio, shared: 0, knob: 0 };
    const effect = { ...nothing, shared: 0.8 };
    const common = { ...nothing, knob: 5 };
    const bootstrap = { needsTruth: true, share: shareOfSweeps, holds: coveredByBootstrap } as const;
    return [
      { quantity: 'false knob', world: nothing, holds: knob },
      { quantity: 'false between', world: nothing, holds: between },
      ...(seeds > 1
        ? [
            { quantity: 'false within', world: nothing, holds: within },
            { quantity: 'false within, common knob', world: common, holds: within },
          ]
        : []),
      ...(enough
        ? [
            { quantity: 'coverage, nothing', world: nothing, needsTruth: true, holds: covered },
            { quantity: 'coverage, effect', world: effect, needsTruth: true, holds: covered },
            { quantity: 'coverage, common knob', world: common, needsTruth: true, holds: covered },
            { quantity: 'bootstrap, effect', world: effect, ...bootstrap },
            { quantity: 'bootstrap, common knob', world: common, ...bootstrap },
          ]
        : []),
    ];
  });
  if (!enough) return ofRatio;
  return [
    ...ofRatio,
    ...knobs.map((each) => ({
      quantity: `power knob ${each}`,
      world: { ...size, ratio: 1, shared: 0, knob: each },
      holds: knob,
    })),
    ...(seeds > 1
      ? predictorPairs.map((pair) => ({
          quantity: differenceName(pair),
          world: { ...size, seeds: 1, ratio: 0, shared: 0, knob: 0 },
          holds: (_: readonly Pair[], __: number, random: RandomStream) =>
            differenceIsCovered(pair, configurations, random),
        }))
      : []),
    ...correlations.map((each) => ({
      quantity: `power correlation ${each}`,
      world: { ...size, ratio: 3, shared: each, knob: 0 },
      holds: between,
    })),
  ];
});

/** Counts over sweeps of a stream of the cell's own, so that cells may be counted in any order and again. */
export function countIn({ quantity, world, holds, needsTruth = false }: Cell, sweeps: number): number {
  const { configurations, seeds, ratio, shared, knob: step } = world;
  const words = [...quantity].map((letter) => letter.charCodeAt(0));
  const random = randomStream(2024, configurations, seeds, ratio, Math.round(100 * shared), step, ...words);
  const truth = needsTruth ? trueRho(world) : 0;
  let count = 0;
  for (let i = 0; i < sweeps; i++) if (holds(simulatedSweep(world, random), truth, random)) count += 1;
  return count;
}

/** The sweeps of a cell where `asked` are asked for. */
export const sweepsOf = ({ share = 1 }: Cell, asked: number): number => Math.ceil(share * asked);
