import type { Augmentation } from '../../config/augmentation-schema.ts';
import { hashName, randomStream } from '../../random/random.ts';

/** Pixels of black added on each side before a random crop back to the image's size. */
export const cropPadding = 4;

/** Where an example is cropped, relative to the unpadded image, and whether it is mirrored. */
export interface Placement {
  readonly top: number;
  readonly left: number;
  readonly flip: boolean;
}

const untouched: Placement = { top: 0, left: 0, flip: false };
const purpose = hashName('augmentation');

/** Crop and flip of one example: a pure function of seed, epoch and the example's index in its set. */
export function placementOf(
  augmentation: Augmentation['augmentation'],
  seed: number,
  epoch: number,
  index: number,
): Placement {
  if (augmentation === 'none') return untouched;
  const random = randomStream(purpose, seed, epoch, index);
  const top = random.below(2 * cropPadding + 1) - cropPadding;
  const left = random.below(2 * cropPadding + 1) - cropPadding;
  const flip = augmentation !== 'crop' && random.uniform() < 0.5;
  return augmentation === 'flip' ? { top: 0, left: 0, flip } : { top, left, flip };
}
