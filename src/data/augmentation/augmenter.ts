import type { Augmentation } from '../../config/augmentation-schema.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../image-set.ts';
import { cropImage } from './crop.ts';
import { cutOut, cutoutOf } from './cutout.ts';
import { applyJitter, jitterOf } from './jitter.ts';
import { placementOf } from './placement.ts';
import { enlarge, noEnlargement, resizedCropOf } from './resized-crop.ts';
import { angleOf, rotate } from './rotation.ts';

export interface AugmenterOptions {
  readonly augmentation: Augmentation;
  /** Whose mean cutout fills with. */
  readonly normalization: Normalization;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * A function that writes one augmented image of the set, [height, width, channels] bytes: crop and flip, resized crop, rotation, colour
 * jitter, cutout. Jitter looks at no neighbours, so that crop, jitter, flip, the order of WangYueFt/rfs, is the same. The black
 * around a crop or a rotation is jittered with the image. Each image is a pure function of (seed, epoch, index).
 */
export function augmenter(
  set: ImageSet,
  { augmentation, normalization, seed, epoch }: AugmenterOptions,
): (target: Uint8Array, index: number) => void {
  const { resizedCrop, rotation = 0, jitter, cutout } = augmentation;
  const size = pixelsPerImage(set);
  const before = new Uint8Array(size);
  const rows = new Uint8Array(size);
  const [across, down] = [noEnlargement(set.width), noEnlargement(set.height)];
  return (target, index) => {
    cropImage(target, set, index, placementOf(augmentation.augmentation, seed, epoch, index));
    if (resizedCrop !== undefined) {
      before.set(target);
      const box = resizedCropOf(resizedCrop, set, seed, epoch, index);
      enlarge(target, before, box, set.channels, { across, down, rows });
    }
    if (rotation > 0) {
      before.set(target);
      rotate(target, before, set, angleOf(rotation, seed, epoch, index));
    }
    if (jitter !== undefined) applyJitter(target, set.channels, jitterOf(jitter, seed, epoch, index));
    if (cutout !== undefined) cutOut(target, set, normalization, cutoutOf(cutout, set, seed, epoch, index));
  };
}
