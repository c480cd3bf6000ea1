import { type RankCorrelation, spearman } from '../src/statistics/rank-correlation.ts';
import type { Study } from './studies.ts';
import type { CheckpointValues } from './values.ts';

export const logistic = '5way_5shot_logistic';
export const nearestMean = '5way_5shot_nearest-mean';

/** A trend that the paper reports: `to` rises (1) or falls (-1) as `from` rises. `parameter` is the swept key. */
export interface Claim {
  readonly from: string;
  readonly to: string;
  readonly sign: 1 | -1;
}

/** The chain under study, source first. */
export function claimsOf({ reported, transfer }: Study): readonly Claim[] {
  const swept = (to: string, sign: 1 | -1): Claim => ({ from: 'parameter', to, sign });
  const opposite = reported === 1 ? -1 : 1;
  const source = [
    swept('sourceGc', reported),
    swept('sourceGeometricCollapse', reported),
    swept('sourceCdnv', reported),
  ];
  if (!transfer) return source;
  return [
    ...source,
    swept('targetCdnv', reported),
    swept(logistic, opposite),
    { from: 'sourceGc', to: 'targetCdnv', sign: 1 },
    { from: 'sourceGeometricCollapse', to: 'targetCdnv', sign: 1 },
    { from: 'targetCdnv', to: logistic, sign: -1 },
    { from: 'sourceGc', to: logistic, sign: -1 },
    { from: 'sourceGeometricCollapse', to: logistic, sign: -1 },
  ];
}

/** Over the runs that have both ends of the claim. */
export function correlationOf(
  rows: readonly CheckpointValues[],
  { from, to }: Claim,
): RankCorrelation | null | 'few' {
  const read = (row: CheckpointValues, id: string): number | null =>
    id === 'parameter' ? row.parameter : (row.values[id] ?? null);
  const pairs = rows.flatMap((row) => {
    const [x, y] = [read(row, from), read(row, to)];
    return x === null || y === null ? [] : [{ x, y }];
  });
  if (pairs.length < 4) return 'few';
  return spearman(
    pairs.map(({ x }) => x),
    pairs.map(({ y }) => y),
  );
}

export type Verdict = 'as reported' | 'opposite' | 'undecided' | 'too few runs' | 'no variation';

/** What the 95 % interval allows to say. */
export function verdictOf(found: RankCorrelation | null | 'few', sign: 1 | -1): Verdict {
  if (found === null) return 'no variation';
  if (found === 'few' || found.ci95 === null) return 'too few runs';
  const [low, high] = found.ci95;
  if (low <= 0 && high >= 0) return 'undecided';
  return Math.sign(found.value) === sign ? 'as reported' : 'opposite';
}

const sentences: Readonly<Record<Verdict, string>> = {
  'as reported': 'consistent with the reported trend',
  opposite: 'the opposite (not reproduced in our setting)',
  undecided: 'undecided (not reproduced in our setting)',
  'too few runs': 'too few runs to say',
  'no variation': 'no variation',
};

/** Spearman's rho with its interval over runs, and the verdict that it allows. */
export function verdictText(found: RankCorrelation | null | 'few', sign: 1 | -1): string {
  const sentence = sentences[verdictOf(found, sign)];
  if (found === null || found === 'few' || found.ci95 === null) return sentence;
  const [low, high] = found.ci95;
  return `${found.value.toFixed(2)} [${low.toFixed(2)}, ${high.toFixed(2)}], ${found.n} runs: ${sentence}`;
}
