import type { Training } from '../readouts/readout.ts';
import type { ReadoutOptions } from '../readouts/readout-options.ts';
import { type ReadoutName, readouts as readoutTable } from '../readouts/readouts.ts';
import type { WorkDone } from '../work-channel.ts';
import { aroundSupport, type FeatureOptions } from './features.ts';

export interface Decided {
  readonly readout: ReadoutName;
  /** The way of each query. */
  readonly predicted: Int32Array;
  readonly converged: boolean;
}

/**
 * Fits each readout on `training` and decides each query, [queries, dimension] in the units of the training features. Centring by
 * `support` moves both, in place, around the mean of the training features. `tell` hears how far it is.
 */
export function decide(
  training: Training,
  queries: Float64Array,
  { centre, normalize = false }: FeatureOptions,
  readouts: readonly ReadoutName[],
  options: ReadoutOptions,
  tell?: (done: WorkDone) => void,
): readonly Decided[] {
  const { values, dimension, unit } = training;
  const placed =
    centre === 'support'
      ? { ...training, unit: aroundSupport(values, queries, dimension, unit, normalize) }
      : training;
  return readouts.map((readout) => {
    const classifier = readoutTable[readout].fit(placed, options, (share) =>
      tell?.({ what: `fitting ${readout}`, unit: 'percent', done: Math.floor(100 * share), of: 100 }),
    );
    const count = queries.length / dimension;
    const predicted = new Int32Array(count);
    for (let query = 0; query < count; query++) {
      predicted[query] = classifier.decide(queries, query * dimension);
      tell?.({ what: `deciding by ${readout}`, unit: 'queries', done: query + 1, of: count });
    }
    return { readout, predicted, converged: classifier.converged };
  });
}
