import { groupBy } from '../../src/statistics/group-by.ts';
import { markdownTable, short } from '../tables.ts';
import type { EstimatorProvenance, Point } from './points.ts';

/** All that the README shows of the study, made of its results alone. */
export function estimatorText(points: readonly Point[], provenance: EstimatorProvenance): string {
  const { model, dimension, config, run, step } = provenance;
  return [
    `On ${model} (embedding of ${dimension}), run ${run} of \`${config}\`, step ${step}:`,
    estimatorTables(points),
    `Means over the repeats lie within ${short(largestBias(points), 2)} standard errors of the exact value at every setting.`,
  ].join('\n\n');
}

/** Mean relative errors: one table for each of the study's questions, one row an estimator, one column an amount. */
export function estimatorTables(points: readonly Point[]): string {
  return [...groupBy(points, ({ study }) => study)]
    .map(([study, of]) => {
      const amounts = [...new Set(of.map(({ amount }) => amount))];
      const rows = [...groupBy(of, ({ estimator }) => estimator)].map(([estimator, found]) => [
        estimator,
        ...amounts.map((amount) => meanError(found.filter((point) => point.amount === amount))),
      ]);
      const heads = amounts.map((amount) =>
        study === 'share of entries' ? `${100 * amount} %` : String(amount),
      );
      return markdownTable([`mean relative error by ${study}`, ...heads], rows);
    })
    .join('\n\n');
}

const meanError = (points: readonly Point[]): string => {
  if (points.length === 0) return '-';
  const mean = points.reduce((sum, { relativeError }) => sum + relativeError, 0) / points.length;
  return mean < 1e-12 ? '0' : percent(mean);
};

const percent = (share: number): string => `${short(100 * share, 2)} %`;

/**
 * How far the means over the repeats lie from the exact values, in their standard errors, at most: an unbiased estimator's
 * rarely go beyond 3. Settings without spread (the exact value itself) are left out.
 */
export function largestBias(points: readonly Point[]): number {
  const settings = [
    ...groupBy(points, ({ study, estimator, amount }) => `${study} ${estimator} ${amount}`).values(),
  ];
  const scores = settings.flatMap((found) => {
    const n = found.length;
    const mean = found.reduce((sum, { value }) => sum + value, 0) / n;
    const variance = found.reduce((sum, { value }) => sum + (value - mean) ** 2, 0) / (n - 1);
    const standardError = Math.sqrt(variance / n);
    return standardError > 1e-9 * mean ? [Math.abs(mean - found[0]!.exact) / standardError] : [];
  });
  return Math.max(...scores);
}
