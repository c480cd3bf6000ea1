import sharp from 'sharp';
import { type ImageSet, pixelsPerImage } from '../../data/image-set.ts';
import type { ExampleComplexity } from '../../measures/geometric-complexity/estimate.ts';

/** An image with its own geometric complexity. */
export interface ExtremeImage {
  readonly example: number;
  readonly class: string;
  /** ||J||_F^2, or its estimate. */
  readonly value: number;
  /** Over probes; null where one probe leaves it unknown. */
  readonly standardError: number | null;
  /** A PNG of at most 64 pixels per side, as a data: address. */
  readonly thumbnail: string;
}

const largestSide = 64;

/** The images of the highest and of the lowest values among those measured; never one in both. */
export async function extremeImages(
  perExample: readonly ExampleComplexity[],
  set: ImageSet,
  count: number,
): Promise<{ readonly most: readonly ExtremeImage[]; readonly least: readonly ExtremeImage[] }> {
  const sorted = perExample.toSorted((a, b) => b.value - a.value || a.example - b.example);
  const each = Math.min(count, Math.floor(sorted.length / 2));
  const described = (some: readonly ExampleComplexity[]): Promise<readonly ExtremeImage[]> =>
    Promise.all(
      some.map(async ({ example, label, value, probeVariance }) => ({
        example,
        class: set.classNames[label]!,
        value,
        standardError: probeVariance === null ? null : Math.sqrt(probeVariance),
        thumbnail: await thumbnail(set, example),
      })),
    );
  return {
    most: await described(sorted.slice(0, each)),
    least: await described(sorted.slice(sorted.length - each).reverse()),
  };
}

async function thumbnail(set: ImageSet, example: number): Promise<string> {
  const { width, height, channels, images } = set;
  const size = pixelsPerImage(set);
  const pixels = images.subarray(example * size, (example + 1) * size);
  const raw = { width, height, channels: channels as 1 | 3 };
  const fitting = sharp(pixels, { raw }).resize(largestSide, largestSide, {
    fit: 'inside',
    withoutEnlargement: true,
  });
  return `data:image/png;base64,${(await fitting.png({ compressionLevel: 9 }).toBuffer()).toString('base64')}`;
}
