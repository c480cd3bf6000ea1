import type { ImageSet, Normalization } from '../../data/image-set.ts';
import { classSizes } from '../../data/selection.ts';
import type { InferenceModel } from '../../models/inference-model.ts';
import { hashName, randomStream } from '../../random/random.ts';
import { coincidingMeans, squaredMeanDistances } from '../class-distances.ts';
import { type ClassStatistics, tooFew } from '../class-statistics.ts';
import { inferenceBatches } from '../inference-batches.ts';
import { type Undefined, undefinedBecause } from '../measured.ts';
import type { DirectionalCollapse } from './collapse-estimate.ts';
import { type ExampleComplexity, estimateMean } from './estimate.ts';
import { withTape } from './estimators.ts';
import { balancedOrder } from './example-draw.ts';
import { namedOutput } from './geometric-complexity.ts';

export interface DirectionalOptions {
  readonly layer: string;
  readonly inputSpace: 'normalized' | 'pixel';
  /** At most so many, balanced over classes. */
  readonly examples: number;
  /** Other classes per example, drawn; each once where there are no more. */
  readonly pairs: number;
  readonly seed: number;
  /** As of geometric complexity. */
  readonly ofSizes?: readonly number[] | undefined;
}

const purpose = hashName('directional pairs');

/**
 * Directional geometric collapse: the mean over ordered pairs i != j of E_{x in i} ||J(x)' u_ij||^2 / ||mu_i - mu_j||^2, u_ij the unit
 * vector from mu_i to mu_j: one vector-Jacobian product per example and pair. By the Poincare inequality along u_ij the
 * directional CDNV of a pair is at most rho times its term. Exact where all examples and pairs are taken. Else examples are drawn,
 * and for each of them classes j in proportion to 1 / ||mu_i - mu_j||^2, which takes the spread of distances out of the error. The
 * standard error is that of two-stage sampling within classes.
 */
export async function directionalCollapse(
  model: InferenceModel,
  set: ImageSet,
  normalization: Normalization,
  statistics: ClassStatistics,
  { layer, inputSpace, examples, pairs, seed, ofSizes = classSizes(set) }: DirectionalOptions,
): Promise<DirectionalCollapse | Undefined> {
  const few = tooFew(statistics, 1);
  if (few !== null) return few;
  const distances = squaredMeanDistances(statistics);
  const same = coincidingMeans(statistics, distances);
  if (same !== null) return undefinedBecause(`classes ${same[0]} and ${same[1]} have the same mean`);
  const { means, dimension } = statistics;
  const classes = set.classNames.length;
  const others = classes - 1;
  const isExact = pairs >= others;
  const taken = isExact ? others : pairs;
  /** Of each class, the running sums of 1 / ||mu_i - mu_j||^2 over j: what a pair is drawn in proportion to. */
  const nearness = statistics.classNames.map((_, i) => {
    let sum = 0;
    return Float64Array.from({ length: classes }, (_, j) => {
      if (i !== j) sum += 1 / distances[i * classes + j]!;
      return sum;
    });
  });
  const named = namedOutput(model, layer);
  const factors = normalization.std.map((std) => (inputSpace === 'pixel' ? 1 / std ** 2 : 1));
  const order = balancedOrder(set, seed).subarray(0, examples);
  const found: ExampleComplexity[] = [];
  for await (const { image, examples: batch } of inferenceBatches(
    named.network,
    set,
    normalization,
    order,
    'directional collapse',
  )) {
    const drawn = Array.from(batch, (example) => {
      const own = set.labels[example]!;
      if (isExact) return statistics.classNames.map((_, c) => c).filter((c) => c !== own);
      const random = randomStream(purpose, seed, example);
      return Array.from({ length: taken }, () => drawClass(nearness[own]!, random.uniform()));
    });
    const probed = { model: named, layer, image, examples: Array.from(batch), seed, factors };
    const terms = withTape(probed, (along) =>
      Array.from({ length: taken }, (_, pair) => {
        const directions = new Float32Array(batch.length * dimension);
        batch.forEach((example, at) => {
          const [own, other] = [set.labels[example]!, drawn[at]![pair]!];
          const distance = Math.sqrt(distances[own * classes + other]!);
          for (let k = 0; k < dimension; k++)
            directions[at * dimension + k] =
              (means[other * dimension + k]! - means[own * dimension + k]!) / distance;
        });
        const norms = along(directions);
        return norms.map((norm, at) => {
          const own = set.labels[batch[at]!]!;
          return isExact
            ? norm / distances[own * classes + drawn[at]![pair]!]!
            : (norm * nearness[own]!.at(-1)!) / others;
        });
      }),
    );
    batch.forEach((example, at) => {
      const values = terms.map((each) => each[at]!);
      const label = set.labels[example]!;
      const value = values.reduce((sum, each) => sum + each, 0) / taken;
      const squares = values.reduce((sum, each) => sum + (each - value) ** 2, 0);
      const variance = isExact ? 0 : taken < 2 ? null : squares / (taken - 1) / taken;
      found.push({ example, label, value, probeVariance: variance });
    });
  }
  // Every class counts once, whatever its size.
  const weights = ofSizes.map(() => set.labels.length / classes);
  const { value, standardError, ci95 } = estimateMean(found, ofSizes, weights);
  return { value, standardError, ci95, examples: found.length, pairs: taken };
}

/** The class at a share of the running sums' last value. */
function drawClass(sums: Float64Array, share: number): number {
  const wanted = share * sums.at(-1)!;
  const found = sums.findIndex((sum) => sum > wanted);
  return found >= 0 ? found : sums.length - 1;
}
