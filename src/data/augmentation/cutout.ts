import { hashName, randomStream } from '../../random/random.ts';
import type { Normalization } from '../image-set.ts';

const purpose = hashName('cutout');

/**
 * Fills a square of `side` pixels, cut off at the border, whose centre is uniform over the pixels: DeVries and Taylor 2017
 * (arXiv 1708.04552). Theirs is 0 after normalisation; ours is the byte nearest to the mean, at most half a level from it.
 */
export function cutOut(
  image: Uint8Array,
  { height, width, channels }: { readonly height: number; readonly width: number; readonly channels: number },
  { mean }: Normalization,
  corner: { readonly top: number; readonly left: number; readonly side: number },
): void {
  const { top, left, side } = corner;
  const [lastY, lastX] = [Math.min(height, top + side), Math.min(width, left + side)];
  for (let y = Math.max(0, top); y < lastY; y++)
    for (let x = Math.max(0, left); x < lastX; x++)
      for (let c = 0; c < channels; c++) image[(y * width + x) * channels + c] = Math.round(255 * mean[c]!);
}

/** The square's corner; half of the side, rounded down, lies before the centre. */
export function cutoutOf(
  side: number,
  { height, width }: { readonly height: number; readonly width: number },
  seed: number,
  epoch: number,
  index: number,
): { readonly top: number; readonly left: number; readonly side: number } {
  const random = randomStream(purpose, seed, epoch, index);
  const before = Math.floor(side / 2);
  const top = random.below(height) - before;
  const left = random.below(width) - before;
  return { top, left, side };
}
