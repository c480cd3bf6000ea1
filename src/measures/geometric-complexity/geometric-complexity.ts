import type { ImageSet, Normalization } from '../../data/image-set.ts';
import { classSizes } from '../../data/selection.ts';
import { readerOf } from '../../models/classifier.ts';
import type { InferenceModel } from '../../models/inference-model.ts';
import { outputSize, requireOutput, upTo } from '../../models/network.ts';
import { inferenceBatches } from '../inference-batches.ts';
import type { GeometricComplexityRecord } from '../record.ts';
import { type ExampleComplexity, estimateMean } from './estimate.ts';
import {
  type BatchEstimator,
  exact,
  hutchinsonInputs,
  hutchinsonOutputs,
  masked,
  outputs,
} from './estimators.ts';
import { balancedOrder } from './example-draw.ts';
import type { ProbeDistribution } from './probes.ts';

export interface ComplexityOptions {
  readonly estimator: GeometricComplexityRecord['estimator'];
  /** Space of Hutchinson's probes: the embedding's (reverse mode) or the images' (forward mode). */
  readonly probeSpace: 'output' | 'input';
  readonly distribution: ProbeDistribution;
  /** At most so many, balanced over classes. */
  readonly examples: number;
  /** Probes per example, or rows for `outputs`. */
  readonly probes: number;
  /** Of the Jacobian's entries, for `masked`. */
  readonly share: number;
  /** Ends once the 95 % interval's half-width is at most this share of the value. */
  readonly relativeError?: number | undefined;
  readonly inputSpace: GeometricComplexityRecord['inputSpace'];
  readonly layer: string;
  readonly seed: number;
  /** Examples per class of the split that the set was drawn from; the set's own where absent. The interval is about their mean. */
  readonly ofSizes?: readonly number[] | undefined;
}

export interface Complexity {
  readonly record: GeometricComplexityRecord;
  /** Mean over each class's examples; null for a class without any. */
  readonly perClass: readonly (number | null)[];
  readonly perExample: readonly ExampleComplexity[];
  /** Time that the estimator took. */
  readonly seconds: number;
}

/** Where a relative error is asked for, an interval from fewer examples is not believed. */
const fewestForInterval = 64;

/**
 * Geometric complexity of a named output over a set, without augmentation: the mean over examples of the squared Frobenius norm
 * of the Jacobian with respect to the image as the network is fed, or to pixels from 0 to 1 (Dherin et al. 2022, eq. 1, of the
 * embedding as in Munn, Dherin and Gonzalvo 2024). Throws InputError for a layer that the network lacks.
 */
export const geometricComplexity = async (
  model: InferenceModel,
  set: ImageSet,
  normalization: Normalization,
  options: ComplexityOptions,
): Promise<Complexity> => {
  const { layer, inputSpace, seed, relativeError } = options;
  const named = namedOutput(model, layer);
  const estimator = estimatorOf(options);
  const factors =
    inputSpace === 'pixel' ? normalization.std.map((std) => 1 / std ** 2) : normalization.std.map(() => 1);
  const order = balancedOrder(set, seed).subarray(0, options.examples);
  const weights = classSizes(set);
  const sizes = options.ofSizes ?? weights;
  const found: ExampleComplexity[] = [];
  const started = performance.now();
  for await (const { image, examples } of inferenceBatches(
    named.network,
    set,
    normalization,
    order,
    'geometric complexity',
  )) {
    const values = estimator({ model: named, layer, image, examples: Array.from(examples), seed, factors });
    for (const [i, each] of values.entries())
      found.push({ ...each, example: examples[i]!, label: set.labels[examples[i]!]! });
    if (relativeError === undefined || found.length < fewestForInterval) continue;
    const reached = relativeErrorOf(estimateMean(found, sizes, weights));
    if (reached !== null && reached <= relativeError) break;
  }
  const seconds = (performance.now() - started) / 1000;
  const { perClass, ...mean } = estimateMean(found, sizes, weights);
  const reader = readerOf(model.network, layer);
  return {
    record: {
      ...mean,
      estimator: options.estimator,
      examples: found.length,
      ofExamples: sizes.reduce((sum, size) => sum + size, 0),
      ...probesOf(options, outputSize(named.network, layer)),
      inputSpace,
      layer,
      ...(reader === null ? {} : { readBy: reader }),
      dimension: outputSize(named.network, layer),
      precision: model.precision,
      seed,
      ...(relativeError === undefined
        ? {}
        : { relativeError: { asked: relativeError, reached: relativeErrorOf(mean) } }),
    },
    perClass,
    perExample: found,
    seconds,
  };
};

export const namedOutput = (model: InferenceModel, layer: string): InferenceModel => {
  requireOutput(model.network, layer);
  return { ...model, network: upTo(model.network, layer) };
};

const estimatorOf = (options: ComplexityOptions): BatchEstimator => {
  const { estimator, probeSpace, probes, distribution, share } = options;
  if (estimator === 'exact') return exact;
  if (estimator === 'outputs') return outputs(probes);
  if (estimator === 'masked') return masked(share);
  return (probeSpace === 'input' ? hutchinsonInputs : hutchinsonOutputs)(probes, distribution);
};

const probesOf = (
  { estimator, probes, probeSpace, distribution, share }: ComplexityOptions,
  rows: number,
) => {
  if (estimator === 'hutchinson') return { probes, probeSpace, distribution };
  if (estimator === 'outputs') return { probes: Math.min(probes, rows) };
  return estimator === 'masked' ? { probes: rows, share } : { probes: rows };
};

/** Half of the interval as a share of the value: 0 where both are 0. */
const relativeErrorOf = ({
  value,
  ci95,
}: Pick<GeometricComplexityRecord, 'value' | 'ci95'>): number | null => {
  if (ci95 === null) return null;
  const half = ci95[1] - value;
  return half === 0 ? 0 : half / value;
};
