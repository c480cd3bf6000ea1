import { diagnostics } from '../diagnostics.ts';
import { dataSets } from './data-sets.ts';
import type { ImageSet, Normalization } from './image-set.ts';

/** Constants by name; those of ImageNet are torchvision's. Means and population standard deviations over all pixels of the official training set, scaled to [0,1]. */
export const knownNormalizations: Readonly<Record<string, Normalization>> = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  ...Object.fromEntries(
    dataSets.flatMap(({ name, normalization }) =>
      normalization === undefined ? [] : [[name, normalization]],
    ),
  ),
};

/** The official constants of a known data set, else those of the images at hand. */
export function normalizationOf(dataSet: string, set: ImageSet): Normalization {
  // A folder may be called as constants are, such as imagenet: its own name says nothing of its images.
  const known = dataSets.find(({ name }) => name === dataSet)?.normalization;
  if (known === undefined) return measuredNormalization(set);
  const spread = (values: readonly number[]) =>
    Array.from({ length: set.channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  return { mean: spread(known.mean), std: spread(known.std) };
}

/**
 * What a channel is divided by. One that does not vary by half a grey level is divided by 1, as scikit-learn's StandardScaler
 * does, and one that hardly varies beside the others by their largest deviation: else it would be blown up, and the black
 * border of a random crop would lie hundreds of deviations away. No border lies more than 20 deviations away.
 */
export function usableDeviation(own: number, mean: number, largest: number): number {
  if (own < 0.5 / 255) return 1;
  return own < 0.05 && own < largest / 4 ? largest : Math.max(own, mean / 20);
}

/**
 * Mean and population standard deviation of each channel, pixels scaled to [0,1]. Exact: integer sums of at most 2^53. A
 * deviation that `usableDeviation` changes is named in a warning.
 */
export function measuredNormalization({ name, images, channels }: ImageSet): Normalization {
  const counts = Array.from({ length: channels }, () => new Float64Array(256));
  for (let i = 0; i < images.length; i += channels)
    for (let c = 0; c < channels; c++) counts[c]![images[i + c]!]! += 1;
  const moments = counts.map((histogram) => {
    let n = 0;
    let sum = 0;
    histogram.forEach((count, byte) => {
      n += count;
      sum += count * byte;
    });
    const mean = sum / n;
    let squares = 0;
    histogram.forEach((count, byte) => {
      squares += count * (byte - mean) ** 2;
    });
    return { mean: mean / 255, std: Math.sqrt(squares / n) / 255 };
  });
  const largest = Math.max(...moments.map(({ std }) => std));
  const std = moments.map((own, channel) => {
    const used = usableDeviation(own.std, own.mean, largest);
    if (used !== own.std)
      diagnostics.warn(
        `${name}: channel ${channel} hardly varies (deviation ${own.std.toPrecision(3)} of 1); it is divided by ${used.toPrecision(3)} instead`,
      );
    return used;
  });
  return { mean: moments.map(({ mean }) => mean), std };
}
