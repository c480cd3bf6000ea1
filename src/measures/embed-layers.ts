import type { ImageSet, Normalization } from '../data/image-set.ts';
import type { NetworkOnDevice } from '../models/inference-model.ts';
import { withPooledOutputs } from '../models/pooled-outputs.ts';
import { embedSet } from './embed-set.ts';

/** [examples, size] of each output, by its name; feature maps by their mean over positions. */
export type Embedded = ReadonlyMap<string, Float32Array>;

/** The layers and the logits of every example of a set, in one forward pass. */
export const embedLayers = async (
  model: NetworkOnDevice,
  set: ImageSet,
  normalization: Normalization,
  layers: readonly string[],
): Promise<Embedded> => {
  const wanted = [...new Set([...layers, 'logits'])];
  const network = withPooledOutputs(model.network, layers);
  const found = await embedSet({ ...model, network }, set, normalization, wanted);
  return new Map(wanted.map((name, at) => [name, found[at]!]));
};
