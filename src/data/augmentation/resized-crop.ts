import type { Augmentation } from '../../config/augmentation-schema.ts';
import { hashName, randomStream } from '../../random/random.ts';

/** A part of an image, in pixels. */
export interface Box {
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

const purpose = hashName('resized-crop');

/**
 * torchvision's RandomResizedCrop.get_params from a stream of our own: of ten boxes with an area and a shape at random, the first that fits;
 * else the largest box in the middle with an allowed shape.
 */
export function resizedCropOf(
  { scale, ratio }: NonNullable<Augmentation['resizedCrop']>,
  { height, width }: { readonly height: number; readonly width: number },
  seed: number,
  epoch: number,
  index: number,
): Box {
  const random = randomStream(purpose, seed, epoch, index);
  for (let attempt = 0; attempt < 10; attempt++) {
    const area = height * width * random.between(scale[0], scale[1]);
    const shape = Math.exp(random.between(Math.log(ratio[0]), Math.log(ratio[1])));
    const boxWidth = Math.round(Math.sqrt(area * shape));
    const boxHeight = Math.round(Math.sqrt(area / shape));
    if (boxWidth < 1 || boxHeight < 1 || boxWidth > width || boxHeight > height) continue;
    const top = random.below(height - boxHeight + 1);
    const left = random.below(width - boxWidth + 1);
    return { top, left, height: boxHeight, width: boxWidth };
  }
  const shape = width / height;
  const boxWidth = shape > ratio[1] ? Math.max(1, Math.round(height * ratio[1])) : width;
  const boxHeight = shape < ratio[0] ? Math.max(1, Math.round(width / ratio[0])) : height;
  const [top, left] = [Math.floor((height - boxHeight) / 2), Math.floor((width - boxWidth) / 2)];
  return { top, left, height: boxHeight, width: boxWidth };
}

/** Where each new pixel of one side lies: the first old pixel, and the weights of it and the next, of 2^22. */
export interface Enlargement {
  readonly first: Int32Array;
  readonly weights: Int32Array;
}

export const noEnlargement = (length: number): Enlargement => ({
  first: new Int32Array(length),
  weights: new Int32Array(2 * length),
});

const unit = 1 << 22;

/** Pillow's bilinear weights for an enlargement of `length` pixels, in its fixed point (libImaging/Resample.c). */
function setWeights({ first, weights }: Enlargement, length: number): void {
  const scale = length / first.length;
  for (let to = 0; to < first.length; to++) {
    const centre = (to + 0.5) * scale;
    const from = Math.max(0, Math.trunc(centre - 0.5));
    const until = Math.min(length, Math.trunc(centre + 1.5));
    const near = Math.max(0, 1 - Math.abs(from - centre + 0.5));
    const next = until - from > 1 ? Math.max(0, 1 - Math.abs(from + 1 - centre + 0.5)) : 0;
    first[to] = from;
    weights[2 * to] = Math.trunc((near / (near + next)) * unit + 0.5);
    weights[2 * to + 1] = Math.trunc((next / (near + next)) * unit + 0.5);
  }
}

/**
 * Enlarges a box of an image, [height, width, channels] bytes, to the whole: Pillow's bilinear resize, rounded to bytes after the rows and
 * after the columns. `rows` holds the boxes' rows in between, as large as the image.
 */
export function enlarge(
  target: Uint8Array,
  image: Uint8Array,
  box: Box,
  channels: number,
  scratch: { readonly across: Enlargement; readonly down: Enlargement; readonly rows: Uint8Array },
): void {
  const { across, down, rows } = scratch;
  const [height, width] = [down.first.length, across.first.length];
  const rowSize = width * channels;
  setWeights(across, box.width);
  setWeights(down, box.height);
  for (let y = 0; y < box.height; y++)
    for (let x = 0; x < width; x++) {
      const from = ((box.top + y) * width + box.left + across.first[x]!) * channels;
      const [near, next] = [across.weights[2 * x]!, across.weights[2 * x + 1]!];
      const to = y * rowSize + x * channels;
      const step = next === 0 ? 0 : channels;
      for (let c = 0; c < channels; c++)
        rows[to + c] = (image[from + c]! * near + image[from + c + step]! * next + unit / 2) >> 22;
    }
  for (let y = 0; y < height; y++) {
    const from = down.first[y]! * rowSize;
    const [near, next] = [down.weights[2 * y]!, down.weights[2 * y + 1]!];
    const step = next === 0 ? 0 : rowSize;
    for (let at = 0, to = y * rowSize; at < rowSize; at++)
      target[to + at] = (rows[from + at]! * near + rows[from + at + step]! * next + unit / 2) >> 22;
  }
}
