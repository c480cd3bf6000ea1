import type { Augmentation } from '../../config/augmentation-schema.ts';
import { exampleCount, type ImageSet, pixelsPerImage } from '../image-set.ts';
import { augmentImage } from './augmented-image.ts';

/**
 * The set with every image augmented once, as training does it: a pure function of seed, copy and the image's index. Different
 * copies differ as different epochs of training do.
 */
export function augmentedCopy(
  set: ImageSet,
  augmentation: Augmentation,
  seed: number,
  copy: number,
): ImageSet {
  const size = pixelsPerImage(set);
  const images = new Uint8Array(set.images.length);
  for (let index = 0; index < exampleCount(set); index++)
    augmentImage(images.subarray(index * size, (index + 1) * size), set, index, {
      augmentation,
      seed,
      epoch: copy,
    });
  return { ...set, images };
}
