import { type BatchOptions, fillBatch } from './augment.ts';
import { exampleCount, type ImageSet, pixelsPerImage } from './image-set.ts';

const chunk = 256;

/**
 * The set with every image augmented once, as training does it: a pure function of seed, copy and the image's index. Different
 * copies differ as different epochs of training do.
 */
export function augmentedCopy(
  set: ImageSet,
  augmentation: BatchOptions['augmentation'],
  seed: number,
  copy: number,
): ImageSet {
  const size = pixelsPerImage(set);
  const images = new Uint8Array(set.images.length);
  // Bytes again after the division by 255.
  const normalization = {
    mean: new Array<number>(set.channels).fill(0),
    std: new Array<number>(set.channels).fill(1 / 255),
  };
  const batch = new Float32Array(chunk * size);
  for (let from = 0; from < exampleCount(set); from += chunk) {
    const count = Math.min(chunk, exampleCount(set) - from);
    const indices = Int32Array.from({ length: count }, (_, i) => from + i);
    fillBatch(batch, set, indices, { normalization, augmentation, seed, epoch: copy });
    for (let at = 0; at < count * size; at++) images[from * size + at] = Math.round(batch[at]!);
  }
  return { ...set, images };
}
