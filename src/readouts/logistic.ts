import { cholesky, solveTransposed } from '../linear-algebra/cholesky.ts';
import { gramOfRows } from '../linear-algebra/gram.ts';
import { aroundMean, biasAround, combine, linear, transposed } from './linear.ts';
import { solveLogistic } from './logistic-solver.ts';
import type { Readout } from './readout.ts';

/**
 * Multinomial logistic regression with 1/2 ||w||^2 + C * loss, intercept free, to convergence: as scikit-learn's
 * LogisticRegression. Where examples are fewer than dimensions, the rows of L with X X^T = L L^T stand for the examples (the
 * same inner products, fewer numbers), and weights v on them are w = X^T L^-T v on the features: the same scores and length.
 */
export const logistic: Readout = {
  meaning: 'multinomial logistic regression with a penalty on the weights',
  options: ['C'],
  fit({ values, dimension, labels, ways, unit }, { C }, tell) {
    const examples = labels.length;
    const { centred, mean } = aroundMean(values, dimension);
    const penalty = logisticPenalty(C, ways) / unit / unit;
    if (examples > dimension) {
      const { weights, bias, converged } = solveLogistic(centred, dimension, labels, ways, penalty, tell);
      const byWay = transposed(weights, ways);
      return linear(byWay, biasAround(mean, byWay, bias), converged);
    }
    const lower = cholesky(gramOfRows(centred, dimension), examples, dimension);
    const found = solveLogistic(lower, examples, labels, ways, penalty, tell);
    const { weights: duals, bias, converged } = found;
    solveTransposed(lower, examples, duals, ways);
    const weights = combine(duals, ways, centred, dimension);
    return linear(weights, biasAround(mean, weights, bias), converged);
  },
};

/** Two classes have one weight vector w in scikit-learn, +-w/2 here, with half its squares. */
const logisticPenalty = (C: number, ways: number): number => (ways === 2 ? 2 : 1) / C;
