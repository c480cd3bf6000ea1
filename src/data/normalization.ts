import type { ImageSet, Normalization } from './image-set.ts';

/** Constants by name; those of ImageNet are torchvision's. Means and population standard deviations over all pixels of the official training set, scaled to [0,1]. */
export const knownNormalizations: Readonly<Record<string, Normalization>> = {
  imagenet: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  'cifar-10': { mean: [0.4913997, 0.4821584, 0.4465309], std: [0.2470323, 0.2434851, 0.2615878] },
  'cifar-100': { mean: [0.5070752, 0.4865489, 0.4409178], std: [0.2673343, 0.2564385, 0.2761505] },
  mnist: { mean: [0.1306605], std: [0.3081078] },
  'fashion-mnist': { mean: [0.2860406], std: [0.3530242] },
};

/** The official constants of a known data set, else those of the images at hand. */
export function normalizationOf(dataSet: string, set: ImageSet): Normalization {
  const known = knownNormalizations[dataSet];
  if (known === undefined) return measuredNormalization(set);
  const spread = (values: readonly number[]) =>
    Array.from({ length: set.channels }, (_, c) => values[values.length === 1 ? 0 : c]!);
  return { mean: spread(known.mean), std: spread(known.std) };
}

/**
 * Mean and population standard deviation of each channel, pixels scaled to [0,1]. Exact: integer sums of at most 2^53. A
 * constant channel gets the deviation of one grey level, so that it stays finite.
 */
export function measuredNormalization({ images, channels }: ImageSet): Normalization {
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
    return { mean: mean / 255, std: (Math.sqrt(squares / n) || 1) / 255 };
  });
  return { mean: moments.map(({ mean }) => mean), std: moments.map(({ std }) => std) };
}
