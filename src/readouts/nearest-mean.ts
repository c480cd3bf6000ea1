import { wayMeans } from './means.ts';
import type { Readout } from './readout.ts';

/**
 * Least ||q - mu_c||^2, as scikit-learn's NearestCentroid. Differences are squared as they are: ||mu||^2 - 2 mu . q would lose
 * the digits of classes that lie close together far from the origin.
 */
export const nearestMean: Readout = {
  meaning: 'the class whose mean is nearest',
  options: [],
  fit(training) {
    const { dimension, ways } = training;
    const means = wayMeans(training);
    return {
      converged: true,
      decide(values, start) {
        let best = 0;
        let least = Number.POSITIVE_INFINITY;
        for (let c = 0; c < ways; c++) {
          let distance = 0;
          for (let k = 0, at = c * dimension; k < dimension; k++) {
            const difference = values[start + k]! - means[at++]!;
            distance += difference * difference;
          }
          if (distance < least) {
            least = distance;
            best = c;
          }
        }
        return best;
      },
    };
  },
};
