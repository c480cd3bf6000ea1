import { cast, dispose, readFloats } from '../backend/tensor.ts';
import { exampleCount, type ImageSet, type Normalization } from '../data/image-set.ts';
import { forward } from '../models/forward.ts';
import type { NetworkOnDevice } from '../models/inference-model.ts';
import { outputSize, upTo } from '../models/network.ts';
import { inferenceBatches } from './inference-batches.ts';

/** Named outputs of the network for every example of a set, in its order: [examples, size] each, row-major. */
export const embedSet = async (
  { network, pass, precision }: NetworkOnDevice,
  set: ImageSet,
  normalization: Normalization,
  wanted: readonly string[],
): Promise<readonly Float32Array[]> => {
  const count = exampleCount(set);
  const sizes = wanted.map((name) => outputSize(network, name));
  const last = wanted.reduce((a, b) => (network.outputs[b]! > network.outputs[a]! ? b : a));
  const needed = upTo(network, last);
  const values = sizes.map((size) => new Float32Array(count * size));
  const order = Int32Array.from({ length: count }, (_, example) => example);
  for await (const { image: wide, examples } of inferenceBatches(
    needed,
    set,
    normalization,
    order,
    'embedding',
  )) {
    const image = cast(wide, precision);
    const outputs = forward(needed, image, pass, wanted);
    for (const [i, output] of outputs.entries()) values[i]!.set(readFloats(output), examples[0]! * sizes[i]!);
    dispose(image, ...outputs);
  }
  return values;
};
