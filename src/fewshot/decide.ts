import type { ReadoutOptions, Training } from '../readouts/readout.ts';
import type { ReadoutName } from '../readouts/readouts.ts';
import { readouts as readoutTable } from '../readouts/readouts.ts';
import { aroundSupport, type FeatureOptions } from './features.ts';

export interface Decided {
  readonly readout: ReadoutName;
  /** The way of each query. */
  readonly predicted: Int32Array;
  readonly converged: boolean;
}

/**
 * Fits each readout on `training` and decides each query, [queries, dimension] in the units of the training features. Centring by
 * `support` moves both, in place, around the mean of the training features.
 */
export function decide(
  training: Training,
  queries: Float64Array,
  { centre, normalize = false }: FeatureOptions,
  readouts: readonly ReadoutName[],
  options: ReadoutOptions,
): readonly Decided[] {
  const { values, dimension, unit } = training;
  const placed =
    centre === 'support'
      ? { ...training, unit: aroundSupport(values, queries, dimension, unit, normalize) }
      : training;
  return readouts.map((readout) => {
    const classifier = readoutTable[readout].fit(placed, options);
    const predicted = Int32Array.from({ length: queries.length / dimension }, (_, query) =>
      classifier.decide(queries, query * dimension),
    );
    return { readout, predicted, converged: classifier.converged };
  });
}
