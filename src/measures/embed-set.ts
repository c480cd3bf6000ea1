import { cast, dispose, readFloats } from '../backend/tensor.ts';
import { exampleCount, type ImageSet, type Normalization } from '../data/image-set.ts';
import { forward } from '../models/forward.ts';
import type { InferenceModel } from '../models/inference-model.ts';
import { outputSize } from '../models/network.ts';
import { inferenceBatches } from './inference-batches.ts';

/** Named outputs of the network for every example of a set, in its order: [examples, size] each, row-major. */
export const embedSet = async (
  model: InferenceModel,
  set: ImageSet,
  normalization: Normalization,
  wanted: readonly string[],
): Promise<readonly Float32Array[]> => {
  const count = exampleCount(set);
  const sizes = wanted.map((name) => outputSize(model.network, name));
  const values = sizes.map((size) => new Float32Array(count * size));
  const order = Int32Array.from({ length: count }, (_, example) => example);
  for await (const { image: wide, examples } of inferenceBatches(model.network, set, normalization, order)) {
    const image = cast(wide, model.precision);
    const outputs = forward(model.network, image, model.pass, wanted);
    for (const [i, output] of outputs.entries()) values[i]!.set(readFloats(output), examples[0]! * sizes[i]!);
    dispose(image, ...outputs);
  }
  return values;
};
