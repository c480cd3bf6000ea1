import { associationText } from '../src/report/number-text.ts';
import { verdictOn, verdictText as verdictWords } from '../src/report/trends.ts';
import { type Association, betweenConfigurations, type Pair } from '../src/statistics/association.ts';
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
  if (reported === null) return [];
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

/** How rows' configurations are told apart where none is given: by the value of the one swept key. */
const byParameter = ({ parameter }: CheckpointValues): number | string => parameter;

/** The pairs of the rows that have both ends of the claim, each with its configuration. */
export function pairsOf(
  rows: readonly CheckpointValues[],
  { from, to }: Claim,
  configurationOf: (row: CheckpointValues) => number | string = byParameter,
): readonly Pair[] {
  const read = (row: CheckpointValues, id: string): number | null =>
    id === 'parameter' ? row.parameter : (row.values[id] ?? null);
  const met = new Map<number | string, number>();
  const numberOf = (key: number | string): number => met.set(key, met.get(key) ?? met.size).get(key)!;
  return rows.flatMap((row) => {
    const [x, y] = [read(row, from), read(row, to)];
    if (x === null || y === null) return [];
    const [xError, yError] = [row.errors?.[from] ?? 0, row.errors?.[to] ?? 0];
    return [{ configuration: numberOf(configurationOf(row)), x, y, xError, yError }];
  });
}

/** Over the configurations whose runs have both ends of the claim. */
export function correlationOf(
  rows: readonly CheckpointValues[],
  claim: Claim,
  configurationOf: (row: CheckpointValues) => number | string = byParameter,
): Association | null | 'few' {
  const pairs = pairsOf(rows, claim, configurationOf);
  if (new Set(pairs.map(({ configuration }) => configuration)).size < 2) return 'few';
  return betweenConfigurations(pairs);
}

/** The report's verdicts, as they are written. */
export type Verdict = (typeof verdictWords)[keyof typeof verdictWords];

/** The report's verdict, in its words. What is not `few` stands on two configurations or more. */
export const verdictOf = (found: Association | null | 'few', sign: 1 | -1): Verdict =>
  verdictWords[found === 'few' ? 'too-few' : verdictOn(found, 2, sign)];

/** Spearman's rho over configurations' means, interval, permutation p value, number of configurations, and the verdict. */
export function verdictText(found: Association | null | 'few', sign: 1 | -1): string {
  const verdict = verdictOf(found, sign);
  if (found === null || found === 'few') return verdict;
  return `${associationText(found)}, n = ${found.n}: ${verdict}`;
}
