import { squaredMeanDistances } from '../class-distances.ts';
import type { ClassStatistics } from '../class-statistics.ts';
import { type ExampleComplexity, estimateMean } from './estimate.ts';

/** How a quantity was estimated from examples that were drawn. */
export interface CollapseEstimate {
  readonly standardError: number | null;
  readonly ci95: readonly [number, number] | null;
  readonly examples: number;
}

/** Directional geometric collapse, and how it was estimated. */
export interface DirectionalCollapse extends CollapseEstimate {
  readonly value: number;
  /** Other classes per example. */
  readonly pairs: number;
}

/**
 * Standard error and interval of geometric collapse, the class means held fixed. The mean over pairs is then a weighted sum of the classes'
 * complexities, sum_c w_c GC_c with w_c = sum_{j != c} 1 / ||mu_c - mu_j||^2 / (k (k-1)), and its variance is sum_c w_c^2 SE_c^2: the
 * mean over classes of k w_c ||J||_F^2, each class counted once. `sizes` are the classes' examples in the split.
 */
export function collapseEstimate(
  found: readonly ExampleComplexity[],
  sizes: readonly number[],
  statistics: ClassStatistics,
): CollapseEstimate {
  const distances = squaredMeanDistances(statistics);
  const classes = sizes.length;
  const nearness = sizes.map((_, c) => {
    let sum = 0;
    for (let j = 0; j < classes; j++) if (j !== c) sum += 1 / distances[c * classes + j]!;
    return sum / (classes - 1);
  });
  const scaled = found.map(({ value, probeVariance, ...each }) => ({
    ...each,
    value: value * nearness[each.label]!,
    probeVariance: probeVariance === null ? null : probeVariance * nearness[each.label]! ** 2,
  }));
  const { standardError, ci95 } = estimateMean(
    scaled,
    sizes,
    sizes.map(() => 1),
  );
  return { standardError, ci95, examples: found.length };
}
