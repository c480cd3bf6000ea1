import { augments } from '../../config/augmentation-schema.ts';
import { type ImageSet, type Normalization, pixelsPerImage } from '../image-set.ts';
import { type AugmenterOptions, augmenter } from './augmenter.ts';

/** (byte / 255 - mean) / std of every byte: [channels, 256], row-major. */
function normalizationTable({ mean, std }: Normalization): Float32Array {
  const table = new Float32Array(mean.length * 256);
  for (let c = 0; c < mean.length; c++)
    for (let byte = 0; byte < 256; byte++) table[c * 256 + byte] = (byte / 255 - mean[c]!) / std[c]!;
  return table;
}

/**
 * Writes the examples `indices` of `set` to the front of `target` as the network is fed: [indices, height, width, channels]
 * float32, row-major. As in torchvision, images are augmented as bytes, before normalisation. Any example can be made
 * alone: what it becomes depends on (seed, epoch, its index) only.
 */
export function fillBatch(
  target: Float32Array,
  set: ImageSet,
  indices: ArrayLike<number>,
  options: AugmenterOptions,
): void {
  const { normalization, augmentation } = options;
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
  const augmented = new Uint8Array(size);
  const augment = augments(augmentation) ? augmenter(set, options) : null;
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i]!;
    if (!(index >= 0 && index < set.labels.length))
      throw new RangeError(`example ${index} of ${set.labels.length} in ${set.name}`);
    if (augment === null) normalize(target, i * size, set.images, index * size, size, table);
    else {
      augment(augmented, index);
      normalize(target, i * size, augmented, 0, size, table);
    }
  }
}

/** Three channels are written out: the inner loop is most of the time it takes to make a batch. */
function normalize(
  target: Float32Array,
  start: number,
  bytes: Uint8Array,
  from: number,
  count: number,
  table: Float32Array,
): void {
  const channels = table.length / 256;
  if (channels === 3)
    for (let at = 0; at < count; at += 3) {
      target[start + at] = table[bytes[from + at]!]!;
      target[start + at + 1] = table[256 + bytes[from + at + 1]!]!;
      target[start + at + 2] = table[512 + bytes[from + at + 2]!]!;
    }
  else
    for (let at = 0; at < count; at += channels)
      for (let c = 0; c < channels; c++) target[start + at + c] = table[c * 256 + bytes[from + at + c]!]!;
}
