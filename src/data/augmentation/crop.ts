import { type ImageSet, pixelsPerImage } from '../image-set.ts';
import type { Placement } from './placement.ts';

/** An image of a set moved and mirrored, row by row: black outside, and inside a run of pixels read forwards, or backwards for a mirrored image. */
export function cropImage(
  target: Uint8Array,
  set: ImageSet,
  index: number,
  { top, left, flip }: Placement,
): void {
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
