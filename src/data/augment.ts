import { type ImageSet, type Normalization, pixelsPerImage } from './image-set.ts';
import { hashName, randomStream } from './random.ts';

export interface BatchOptions {
  readonly normalization: Normalization;
  readonly augmentation: 'none' | 'crop' | 'crop-flip';
  readonly seed: number;
  readonly epoch: number;
}

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

/** The augmentation of one example: a pure function of seed, epoch and the example's index in its set. */
export function placementOf(
  augmentation: BatchOptions['augmentation'],
  seed: number,
  epoch: number,
  index: number,
): Placement {
  if (augmentation === 'none') return untouched;
  const random = randomStream(purpose, seed, epoch, index);
  const top = random.below(2 * cropPadding + 1) - cropPadding;
  const left = random.below(2 * cropPadding + 1) - cropPadding;
  return { top, left, flip: augmentation === 'crop-flip' && random.uniform() < 0.5 };
}

/** (byte / 255 - mean) / std of every byte: [channels, 256], row-major. */
export function normalizationTable({ mean, std }: Normalization): Float32Array {
  const table = new Float32Array(mean.length * 256);
  for (let c = 0; c < mean.length; c++)
    for (let byte = 0; byte < 256; byte++) table[c * 256 + byte] = (byte / 255 - mean[c]!) / std[c]!;
  return table;
}

/**
 * Writes the examples `indices` of `set` to the front of `target` as the network is fed: [indices, height, width, channels]
 * float32, row-major. As in torchvision, the crop pads raw pixels with 0, before normalisation. Any example can be made
 * alone: what it becomes depends on (seed, epoch, its index) only.
 */
export function fillBatch(
  target: Float32Array,
  set: ImageSet,
  indices: ArrayLike<number>,
  { normalization, augmentation, seed, epoch }: BatchOptions,
): void {
  const size = pixelsPerImage(set);
  if (target.length < indices.length * size)
    throw new RangeError(
      `${indices.length} images of ${size} values do not fit into ${target.length} values`,
    );
  if (normalization.mean.length !== set.channels || normalization.std.length !== set.channels)
    throw new RangeError(
      `${normalization.mean.length} channels of normalisation, ${set.channels} in ${set.name}`,
    );
  const table = normalizationTable(normalization);
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(index >= 0 && index < set.labels.length))
      throw new RangeError(`example ${index} of ${set.labels.length} in ${set.name}`);
    const placement = placementOf(augmentation, seed, epoch, index);
    if (placement.top === 0 && placement.left === 0 && !placement.flip)
      copyImage(target, i * size, set, index, table);
    else placeImage(target, i * size, set, index, table, placement);
  }
}

function copyImage(
  target: Float32Array,
  at: number,
  set: ImageSet,
  index: number,
  table: Float32Array,
): void {
  const { images, channels } = set;
  const size = pixelsPerImage(set);
  let from = index * size;
  const end = at + size;
  for (let to = at; to < end; to += channels)
    for (let c = 0; c < channels; c++) target[to + c] = table[c * 256 + images[from++]!]!;
}

function placeImage(
  target: Float32Array,
  at: number,
  set: ImageSet,
  index: number,
  table: Float32Array,
  { top, left, flip }: Placement,
): void {
  const { images, height, width, channels } = set;
  const imageStart = index * pixelsPerImage(set);
  let to = at;
  for (let y = 0; y < height; y++) {
    const sourceY = y + top;
    const insideY = sourceY >= 0 && sourceY < height;
    const rowStart = imageStart + sourceY * width * channels;
    for (let x = 0; x < width; x++) {
      const sourceX = (flip ? width - 1 - x : x) + left;
      if (insideY && sourceX >= 0 && sourceX < width) {
        const from = rowStart + sourceX * channels;
        for (let c = 0; c < channels; c++) target[to++] = table[c * 256 + images[from + c]!]!;
      } else for (let c = 0; c < channels; c++) target[to++] = table[c * 256]!;
    }
  }
}
