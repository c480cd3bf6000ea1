import { createHash } from 'node:crypto';
import { diagnostics } from '../diagnostics.ts';
import { exampleCount, type ImageSet, pixelsPerImage } from './image-set.ts';

/** CIFAR-100 itself repeats 10 training images among its 10,000 test images: fewer than one in a hundred is not worth a line. */
const tolerated = 0.01;

/** A warning for each set, by what it is called, of which a hundredth or more are byte for byte training images. */
export function warnOfRepeatedImages(
  training: ImageSet,
  others: Readonly<Record<string, ImageSet | null>>,
): void {
  const known = new Set(digests(training));
  for (const [name, set] of Object.entries(others)) {
    if (set === null) continue;
    const count = exampleCount(set);
    const repeated = digests(set).filter((digest) => known.has(digest)).length;
    if (repeated > 0 && repeated >= tolerated * count)
      diagnostics.warn(
        `${name}: ${repeated} of ${count} images are byte for byte among the training images; results on these are no test`,
      );
  }
}

/** One digest per example; images of another shape have other digests. */
function digests(set: ImageSet): readonly string[] {
  const size = pixelsPerImage(set);
  const shape = `${set.height}x${set.width}x${set.channels}:`;
  return Array.from(set.labels, (_, example) =>
    createHash('sha1')
      .update(shape)
      .update(set.images.subarray(example * size, (example + 1) * size))
      .digest('base64'),
  );
}
