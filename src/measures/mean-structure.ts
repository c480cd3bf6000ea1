import { InputError } from '../input-error.ts';
import { gramOfRows } from '../linear-algebra/gram.ts';
import { type CentredMeans, centredMeans } from './class-means.ts';
import type { ClassStatistics } from './class-statistics.ts';
import { type Measured, type Undefined, undefinedBecause } from './measured.ts';

/** NC2, equal norms: standard deviation over mean of ||mu_c - mu_G|| (over classes, divided by C). Papyan et al. 2020. */
export function nc2Equinorm(statistics: ClassStatistics): Measured {
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  return deviation(centred.norms) / mean(centred.norms);
}

/** NC2, equal angles: standard deviation of the cosines of the centred means over all pairs (divided by their number). */
export function nc2EquiangularStd(statistics: ClassStatistics): Measured {
  const cosines = pairwiseCosines(statistics);
  return cosines instanceof Float64Array ? deviation(cosines) : cosines;
}

/** NC2, largest angles: mean over pairs of |cos + 1/(C-1)|, the distance from the simplex. */
export function nc2MaxAngle(statistics: ClassStatistics): Measured {
  const cosines = pairwiseCosines(statistics);
  if (!(cosines instanceof Float64Array)) return cosines;
  const simplex = -1 / (statistics.counts.length - 1);
  return mean(cosines.map((cosine) => Math.abs(cosine - simplex)));
}

/**
 * The simplex-ETF structure error of the package rhubarbwu/neural-collapse (`simplex_etf_error`):
 * || G/||G||_F - (I - 11^T/C) / sqrt(C-1) ||_F with G = M M^T the Gram matrix of the centred means.
 */
export function simplexEtfError(statistics: ClassStatistics): Measured {
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  const classes = statistics.counts.length;
  // Scaled first: fourth powers of small embeddings would underflow.
  const gram = gramOfRows(scaledToUnit(centred.values), statistics.dimension);
  const norm = Math.sqrt(gram.reduce((sum, value) => sum + value * value, 0));
  let sum = 0;
  for (let at = 0; at < gram.length; at++) {
    const ideal = ((at % (classes + 1) === 0 ? 1 : 0) - 1 / classes) / Math.sqrt(classes - 1);
    sum += (gram[at]! / norm - ideal) ** 2;
  }
  return Math.sqrt(sum);
}

/**
 * NC3 = || W/||W||_F - M/||M||_F ||_F (Papyan et al. 2020), W the classifier's weights [classes, dimension] and M the centred
 * means. Throws InputError for weights of another shape or not finite.
 */
export function nc3SelfDuality(weights: Float32Array | Float64Array, statistics: ClassStatistics): Measured {
  const { dimension, counts } = statistics;
  if (weights.length !== counts.length * dimension)
    throw new InputError(
      `classifier: ${weights.length} weights; ${counts.length} classes of dimension ${dimension} need ${counts.length * dimension}`,
    );
  if (!weights.every((weight) => Number.isFinite(weight)))
    throw new InputError('classifier: weights that are not finite');
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  if (weights.every((weight) => weight === 0))
    return undefinedBecause("the classifier's weights are all zero");
  const unitWeights = scaledToUnit(Float64Array.from(weights));
  const unitMeans = scaledToUnit(centred.values);
  return Math.sqrt(unitWeights.reduce((sum, weight, i) => sum + (weight - unitMeans[i]!) ** 2, 0));
}

/** Cosines of the centred means over unordered pairs. */
function pairwiseCosines(statistics: ClassStatistics): Float64Array | Undefined {
  const centred = centredMeans(statistics);
  if ('undefinedBecause' in centred) return centred;
  const { classNames, dimension } = statistics;
  const zero = centred.norms.indexOf(0);
  if (zero >= 0)
    return undefinedBecause(`the mean of class ${classNames[zero]} is the mean of all class means`);
  return upperTriangle(gramOfRows(unitRows(centred, dimension), dimension), classNames.length);
}

const unitRows = ({ values, norms }: CentredMeans, dimension: number): Float64Array =>
  values.map((value, i) => value / norms[Math.floor(i / dimension)]!);

function scaledToUnit(values: Float64Array): Float64Array {
  const largest = values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
  const norm = largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0));
  return values.map((value) => value / norm);
}

const upperTriangle = (matrix: Float64Array, size: number): Float64Array =>
  matrix.filter((_, at) => at % size > Math.floor(at / size));

const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;

function deviation(values: Float64Array): number {
  const centre = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)));
}
