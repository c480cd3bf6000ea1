import { squaredMeanDistances } from '../class-distances.ts';
import { type ClassStatistics, tooFew } from '../class-statistics.ts';
import { type Measured, undefinedBecause } from '../measured.ts';

/**
 * GBC: minus the sum over ordered pairs of classes of the Bhattacharyya coefficient of two spherical Gaussians, s_c = Var_c / d
 * (Pandy et al. 2022, arXiv 2111.12780): exp(-B), B = ||mu_i - mu_j||^2 / (8 s) + d/2 log(s / sqrt(s_i s_j)),
 * s = (s_i + s_j) / 2. The determinants have their power d, which the paper's published code leaves out for spheres; and
 * all dimensions take part, where the paper keeps 64 principal components. From -k (k-1), no class apart, to 0.
 */
export function gaussianBhattacharyya(statistics: ClassStatistics): Measured {
  const few = tooFew(statistics, 2);
  if (few !== null) return few;
  const { variances, classNames, dimension } = statistics;
  const constant = variances.findIndex((variance) => !(variance > 0));
  if (constant >= 0) return undefinedBecause(`class ${classNames[constant]} has no variance`);
  const distances = squaredMeanDistances(statistics);
  const classes = variances.length;
  let sum = 0;
  for (let i = 0; i < classes; i++)
    for (let j = 0; j < i; j++) {
      const mean = variances[i]! / 2 + variances[j]! / 2;
      const apart = (dimension * (distances[i * classes + j]! / mean)) / 8;
      const shapes = Math.log(mean / variances[i]!) / 2 + Math.log(mean / variances[j]!) / 2;
      sum += 2 * Math.exp(-apart - (dimension / 2) * shapes);
    }
  if (sum === 0) return undefinedBecause('the coefficients of all pairs are below the range of float64');
  return -sum;
}
