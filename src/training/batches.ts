import type { RunConfig } from '../config/schema.ts';
import { fillBatch } from '../data/augmentation/fill-batch.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../data/image-set.ts';
import { epochOrder } from '../data/order.ts';
import type { Batch } from './train-step.ts';

/** A batch as the network is fed it, and where it stands in training. */
export interface PlacedBatch extends Batch {
  readonly epoch: number;
  /** Counted from 0. */
  readonly step: number;
  readonly endsEpoch: boolean;
}

/** Steps of an epoch; the last batch is smaller where the examples do not divide evenly. */
export const stepsPerEpoch = (examples: number, batchSize: number): number => Math.ceil(examples / batchSize);

/**
 * The batches from a step to the end of training. Order and augmentation are functions of (seed, epoch, index) alone, so that whoever
 * goes on from a checkpoint sees the batches that were left. A batch's images stay until the one after the next is asked for.
 */
export function* batches(
  set: ImageSet,
  normalization: Normalization,
  { seed, data, training }: RunConfig,
  from: { readonly epoch: number; readonly step: number },
): Generator<PlacedBatch, void, void> {
  const { batchSize, epochs } = training;
  const examples = set.labels.length;
  const perEpoch = stepsPerEpoch(examples, batchSize);
  const pixels = pixelsPerImage(set);
  const buffers = [0, 1].map(() => new Float32Array(Math.min(batchSize, examples) * pixels));
  let { step } = from;
  for (let { epoch } = from; epoch < epochs; epoch++) {
    const order = epochOrder(examples, seed, epoch);
    for (let at = (step - epoch * perEpoch) * batchSize; at < examples; at += batchSize) {
      const indices = order.subarray(at, at + batchSize);
      const images = buffers[step % 2]!.subarray(0, indices.length * pixels);
      fillBatch(images, set, indices, { normalization, augmentation: data, seed, epoch });
      const labels = Int32Array.from(indices, (index) => set.labels[index]!);
      yield { images, labels, epoch, step, endsEpoch: at + batchSize >= examples };
      step += 1;
    }
  }
}
