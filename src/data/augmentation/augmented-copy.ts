import { exampleCount, type ImageSet, pixelsPerImage } from '../image-set.ts';
import { type AugmenterOptions, augmenter } from './augmenter.ts';

/**
 * The set with every image augmented once, as training does it: a pure function of seed, copy and the image's index. Different
 * copies differ as different epochs of training do.
 */
export function augmentedCopy(
  set: ImageSet,
  { copy, ...options }: Omit<AugmenterOptions, 'epoch'> & { readonly copy: number },
): ImageSet {
  const size = pixelsPerImage(set);
  const images = new Uint8Array(set.images.length);
  const augment = augmenter(set, { ...options, epoch: copy });
  for (let index = 0; index < exampleCount(set); index++)
    augment(images.subarray(index * size, (index + 1) * size), index);
  return { ...set, images };
}
