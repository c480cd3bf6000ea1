import { determinant, inverse, Matrix } from 'ml-matrix';
import { partialInterval, pearson, type RankCorrelation, ranks } from './rank-correlation.ts';

type Values = readonly number[];

/**
 * Spearman's rho of x and y with any number of controls held fixed: the correlation of what least squares leaves of their ranks,
 * (r_xy - r_xc R^-1 r_cy) / sqrt((1 - r_xc R^-1 r_cx)(1 - r_yc R^-1 r_cy)) with R the controls' Spearman matrix. The interval is
 * Fisher's z with n less the number of controls (Fisher, Metron 3, 1924). Null where a variable is constant, where the controls
 * determine x, y or each other, or where there are fewer pairs than variables and one.
 */
export function partialSpearman(x: Values, y: Values, controls: readonly Values[]): RankCorrelation | null {
  const n = x.length;
  if (n < controls.length + 3) return null;
  const [rankedX, rankedY, ...ranked] = [x, y, ...controls].map(ranks);
  const whole = pearson(rankedX!, rankedY!);
  if (whole === null) return null;
  const withRest = (value: number): RankCorrelation => ({
    value,
    n,
    ci95: partialInterval(value, n - controls.length),
  });
  if (controls.length === 0) return withRest(whole);
  const rhosWith = (variable: Values): Matrix | null => {
    const rhos = ranked.flatMap((control) => pearson(variable, control) ?? []);
    return rhos.length < ranked.length ? null : Matrix.columnVector(rhos);
  };
  const between = ranked.map(rhosWith);
  const [ofX, ofY] = [rhosWith(rankedX!), rhosWith(rankedY!)];
  if (ofX === null || ofY === null || between.some((each) => each === null)) return null;
  const matrix = new Matrix(between.map((each) => each!.to1DArray()));
  if (Math.abs(determinant(matrix)) < 1e-10) return null;
  const inverted = inverse(matrix);
  const explained = (left: Matrix, right: Matrix): number =>
    left.transpose().mmul(inverted).mmul(right).get(0, 0);
  const [leftX, leftY] = [1 - explained(ofX, ofX), 1 - explained(ofY, ofY)];
  if (Math.min(leftX, leftY) < 1e-10) return null;
  const value = (whole - explained(ofX, ofY)) / Math.sqrt(leftX * leftY);
  return withRest(Math.min(1, Math.max(-1, value)));
}
