import { centredMeans } from './class-means.ts';
import { type ClassStatistics, tooFew } from './class-statistics.ts';
import type { Measured } from './measured.ts';

/**
 * tr(S_W) / tr(S_B): the within-class covariance over all examples, and the covariance of the class means around their mean (Hui,
 * Belkin, Nakkiran 2022, arXiv 2202.08384).
 */
export function nc1TraceRatio(statistics: ClassStatistics): Measured {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  const { counts, variances, examples } = statistics;
  const within = variances.reduce((sum, variance, c) => sum + (variance * counts[c]!) / examples, 0);
  const between = centred.norms.reduce((sum, norm) => sum + (norm * norm) / counts.length, 0);
  return within / between;
}
