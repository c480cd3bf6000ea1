import { setImmediate } from 'node:timers/promises';
import { dispose, fromArray, sizeOf, type Tensor } from '../backend/tensor.ts';
import { noAugmentation } from '../config/augmentation-schema.ts';
import { fillBatch } from '../data/augmentation/fill-batch.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../data/image-set.ts';
import type { Network } from '../models/network.ts';
import { publishWork } from '../work-channel.ts';

const bytes = 384 * 2 ** 20;

/**
 * Examples a batch, so that the activations of a pass, with their gradients, stay within some hundred megabytes whatever
 * the images' size. Results do not depend on it.
 */
export const inferenceBatchSize = (network: Network): number => {
  const values = network.shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);
  return Math.max(1, Math.min(64, Math.floor(bytes / (2 * 4 * values))));
};

/**
 * Some examples of a set in batches, as the network is fed in inference mode: normalised, without augmentation, in float32.
 * The image is freed after the loop's body; between batches the process answers signals, says that it is alive, and publishes how far
 * `what` is.
 */
export async function* inferenceBatches(
  network: Network,
  set: ImageSet,
  normalization: Normalization,
  order: Int32Array,
  what: string,
): AsyncGenerator<{ readonly image: Tensor; readonly examples: Int32Array }, void, void> {
  const batchSize = inferenceBatchSize(network);
  const size = pixelsPerImage(set);
  const pixels = new Float32Array(Math.min(batchSize, order.length) * size);
  for (let at = 0; at < order.length; at += batchSize) {
    const examples = order.subarray(at, at + batchSize);
    const batch = pixels.subarray(0, examples.length * size);
    fillBatch(batch, set, examples, { normalization, augmentation: noAugmentation, seed: 0, epoch: 0 });
    const image = fromArray(batch, [examples.length, set.height, set.width, set.channels]);
    try {
      yield { image, examples };
    } finally {
      dispose(image);
    }
    publishWork({ what, unit: 'images', done: at + examples.length, of: order.length });
    await setImmediate();
  }
}
