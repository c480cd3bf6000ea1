import { correlationText } from '../../src/report/number-text.ts';
import { correlationOf } from '../claims.ts';
import { atEnd } from '../equal-loss.ts';
import { markdownTable, short } from '../tables.ts';
import type { CheckpointValues } from '../values.ts';
import { perRegime } from './per-regime.ts';
import { type RegimeRuns, type Sample, sampleOf } from './study-runs.ts';

/** A measure of variance along or around class means, and the measure of GC that bounds it, times the Poincare constant rho. */
interface Bound {
  readonly bounded: string;
  readonly label: string;
  readonly by: string;
}

const bounds: readonly Bound[] = [
  {
    label: 'directional CDNV by directional geometric collapse',
    bounded: 'sourceCdnvDirectional',
    by: 'sourceGeometricCollapseDirectional',
  },
  { label: 'CDNV by geometric collapse', bounded: 'sourceCdnv', by: 'sourceGeometricCollapse' },
];

const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
};

/** What is bounded over the floor of rho times what bounds it: at most 1 where the floor is enough. */
export function quotientOf(
  { values }: CheckpointValues,
  { bounded, by }: Omit<Bound, 'label'>,
): number | null {
  const [value, collapse, floor] = [values[bounded], values[by], values.poincareFloor].map(
    (each) => each ?? null,
  );
  if (value === null || collapse === null || floor === null || !(collapse! * floor! > 0)) return null;
  return value! / (collapse! * floor!);
}

function boundRow({ rows, configurationOf }: Sample, bound: Bound): readonly string[] {
  const found = rows.flatMap((row) => quotientOf(row, bound) ?? []);
  if (found.length === 0) return [bound.label, 'not measured', '-', '-', '-'];
  const products = atEnd(rows).map((row) => {
    const { [bound.by]: collapse = null, poincareFloor: floor = null } = row.values;
    const product = collapse === null || floor === null ? null : collapse * floor;
    return { ...row, values: { ...row.values, product } };
  });
  const claim = { from: 'product', to: bound.bounded, sign: 1 } as const;
  const order = correlationOf(products, claim, configurationOf);
  return [
    bound.label,
    `${found.filter((quotient) => quotient <= 1).length} of ${found.length}`,
    short(median(found)),
    `${short(Math.min(...found))} to ${short(Math.max(...found))}`,
    order === 'few' || order === null ? '-' : `${correlationText(order)}, n = ${order.n}`,
  ];
}

/** Whether geometric collapse times the floor of rho reaches what it must bound, over all checkpoints of a regime. */
export const directionalBoundText = (all: readonly RegimeRuns[]): string =>
  [
    "On the source's training images, over all measured checkpoints. With the classes' own Poincare constant rho the bound must hold. Only a floor of rho is known: a quotient above 1 breaks no bound, and says that rho is that many times the floor or more. The last column is Spearman's rho over configurations at equal steps.",
    perRegime(all, ({ studies }) => {
      const sample = sampleOf(studies);
      return markdownTable(
        [
          'bound',
          'checkpoints that the floor bounds',
          'quotient, median',
          'quotient, range',
          'bound and bounded over configurations',
        ],
        bounds.map((bound) => boundRow(sample, bound)),
      );
    }),
  ].join('\n\n');
