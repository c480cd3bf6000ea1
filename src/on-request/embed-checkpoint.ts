import type { Precision } from '../backend/precision.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { embedSet } from '../measures/embed-set.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { networkOnDevice } from '../models/inference-model.ts';
import { outputSize, requireOutput } from '../models/network.ts';
import { type Pooling, withPooledOutputs } from '../models/pooled-outputs.ts';
import type { CheckpointSet } from './checkpoint-set.ts';

/** Embeddings of a set by a checkpoint's network, in the set's order. Throws InputError for a layer that it lacks. */
export const embedCheckpoint = async (
  { network: whole, weights }: Pick<Checkpoint, 'network' | 'weights'>,
  { set, normalization }: Pick<CheckpointSet, 'set' | 'normalization'>,
  {
    layer,
    pooling,
    precision,
  }: { readonly layer: string; readonly pooling: Pooling; readonly precision: Precision },
): Promise<Embeddings> => {
  requireOutput(whole, layer);
  const network = pooling === 'average' ? withPooledOutputs(whole, [layer]) : whole;
  const model = networkOnDevice(network, weights, precision);
  try {
    const [values] = await embedSet(model, set, normalization, [layer]);
    return {
      values: values!,
      dimension: outputSize(network, layer),
      labels: set.labels,
      classNames: set.classNames,
    };
  } finally {
    model.dispose();
  }
};
