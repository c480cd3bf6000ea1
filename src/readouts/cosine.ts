import { linear } from './linear.ts';
import { wayMeans } from './means.ts';
import type { Readout } from './readout.ts';

/** Largest cosine of q and mu_c; that with a mean of zero counts as 0. */
export const cosine: Readout = {
  meaning: 'the class whose mean has the largest cosine with the query',
  options: [],
  fit(training) {
    const { dimension, ways } = training;
    const means = wayMeans(training);
    for (let c = 0; c < ways; c++) {
      const mean = means.subarray(c * dimension, (c + 1) * dimension);
      // Divided first, or the squares of small numbers would be nothing.
      const size = mean.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      if (size === 0) continue;
      for (let k = 0; k < dimension; k++) mean[k]! /= size;
      const length = Math.sqrt(mean.reduce((sum, value) => sum + value * value, 0));
      for (let k = 0; k < dimension; k++) mean[k]! /= length;
    }
    return linear(means, new Float64Array(ways), true);
  },
};
