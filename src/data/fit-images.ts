import { InputError } from '../input-error.ts';
import { imageBytes } from './image-bytes.ts';
import { type ImageSet, pixelsPerImage } from './image-set.ts';
import { resizeAndCrop } from './resize.ts';
import { greyToColour } from './selection.ts';

/**
 * Images as a network takes them, [height, width, channels]: grey ones as colour, those of another size resized on the shorter side and cropped
 * in the middle, as torchvision's Resize and CenterCrop. Throws InputError for colour images and a grey network, and for another size where
 * the network's images are not square.
 */
export const fitImages = (set: ImageSet, shape: readonly number[]): ImageSet => {
  const [height, width, channels] = shape as [number, number, number];
  if (set.channels > channels)
    throw new InputError(`${set.name} has colour images, and the network takes grey ones`);
  const isSameSize = set.height === height && set.width === width;
  if (isSameSize) return channels === 3 ? greyToColour(set) : set;
  if (height !== width)
    throw new InputError(
      `${set.name} has images of ${set.height}x${set.width}, and the network takes ${height}x${width}; images are resized to squares only`,
    );
  const coloured = greyToColour(set);
  const size = pixelsPerImage(coloured);
  const count = set.labels.length;
  const images = imageBytes(set.name, [count, height, width, channels]);
  for (let example = 0; example < count; example++) {
    const pixels = coloured.images.subarray(example * size, (example + 1) * size);
    const placed = resizeAndCrop({ width: set.width, height: set.height, pixels }, height, height);
    // The three channels of a grey image are alike.
    const kept = channels === 3 ? placed : placed.filter((_, at) => at % 3 === 0);
    images.set(kept, example * height * width * channels);
  }
  return { ...set, height, width, channels, images };
};
