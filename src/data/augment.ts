import { hashName, randomStream } from '../random/random.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from './image-set.ts';

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
    placeImage(target, i * size, set, index, table, placement);
  }
}

/** Row by row: black outside the image, and inside a run of pixels read forwards, or backwards for a mirrored image. */
function placeImage(
  target: Float32Array,
  start: number,
  set: ImageSet,
  index: number,
  table: Float32Array,
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
  for (let y = 0; y < height; y++) {
    const to = start + y * rowSize;
    const sourceY = y + top;
    if (sourceY < 0 || sourceY >= height || first >= last) {
      fillBlack(target, to, width, channels, table);
      continue;
    }
    fillBlack(target, to, first, channels, table);
    const from = imageStart + sourceY * rowSize + sourceOfFirst * channels;
    copyRun(target, to + first * channels, images, from, last - first, stride, channels, table);
    fillBlack(target, to + last * channels, width - last, channels, table);
  }
}

function fillBlack(
  target: Float32Array,
  start: number,
  count: number,
  channels: number,
  table: Float32Array,
) {
  let to = start;
  for (let x = 0; x < count; x++) for (let c = 0; c < channels; c++) target[to++] = table[c * 256]!;
}

/** Three channels are written out: the inner loop is most of the time it takes to make a batch. */
function copyRun(
  target: Float32Array,
  start: number,
  images: Uint8Array,
  imageStart: number,
  count: number,
  stride: number,
  channels: number,
  table: Float32Array,
): void {
  let to = start;
  let from = imageStart;
  if (channels === 3)
    for (let x = 0; x < count; x++) {
      target[to] = table[images[from]!]!;
      target[to + 1] = table[256 + images[from + 1]!]!;
      target[to + 2] = table[512 + images[from + 2]!]!;
      to += 3;
      from += stride;
    }
  else
    for (let x = 0; x < count; x++) {
      for (let c = 0; c < channels; c++) target[to++] = table[c * 256 + images[from + c]!]!;
      from += stride;
    }
}
