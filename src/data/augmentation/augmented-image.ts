import type { Augmentation } from '../../config/augmentation-schema.ts';
import { type ImageSet, pixelsPerImage } from '../image-set.ts';
import { applyJitter, jitterOf } from './jitter.ts';
import { type Placement, placementOf } from './placement.ts';

/** What one augmentation depends on, besides the image. */
export interface AugmentationPlace {
  readonly augmentation: Augmentation;
  readonly seed: number;
  readonly epoch: number;
}

/**
 * Writes one augmented image to `target`, [height, width, channels] bytes: crop, flip, colour jitter. Jitter looks at no neighbours, so
 * that this is also crop, jitter, flip, the order of WangYueFt/rfs. The crop's black borders are jittered with the image, as
 * they are there. A pure function of (seed, epoch, index).
 */
export function augmentImage(
  target: Uint8Array,
  set: ImageSet,
  index: number,
  { augmentation, seed, epoch }: AugmentationPlace,
): void {
  cropImage(target, set, index, placementOf(augmentation.augmentation, seed, epoch, index));
  if (augmentation.jitter !== undefined)
    applyJitter(target, set.channels, jitterOf(augmentation.jitter, seed, epoch, index));
}

/** Row by row: black outside the image, and inside a run of pixels read forwards, or backwards for a mirrored image. */
function cropImage(target: Uint8Array, set: ImageSet, index: number, { top, left, flip }: Placement): void {
  const { images, height, width, channels } = set;
  const imageStart = index * pixelsPerImage(set);
  const rowSize = width * channels;
  // Columns [first, last) of the target lie inside the image.
  const first = Math.max(0, flip ? left : -left);
  const last = width - Math.max(0, flip ? -left : left);
  const sourceOfFirst = (flip ? width - 1 - first : first) + left;
  const stride = flip ? -channels : channels;
  if (top !== 0 || left !== 0) target.fill(0);
  for (let y = Math.max(0, -top); y < height - Math.max(0, top); y++) {
    let to = y * rowSize + first * channels;
    let from = imageStart + (y + top) * rowSize + sourceOfFirst * channels;
    for (let x = first; x < last; x++) {
      if (channels === 3) {
        target[to] = images[from]!;
        target[to + 1] = images[from + 1]!;
        target[to + 2] = images[from + 2]!;
      } else for (let c = 0; c < channels; c++) target[to + c] = images[from + c]!;
      to += channels;
      from += stride;
    }
  }
}
