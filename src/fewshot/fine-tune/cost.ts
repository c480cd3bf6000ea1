import type { Network } from '../../models/network.ts';

/** Multiplications of one image's forward pass: convolutions and linear layers. */
export const multiplicationsOf = ({ nodes, shapes }: Network): number =>
  nodes.reduce((sum, { layer }, at) => {
    if (layer.kind === 'linear') return sum + layer.inFeatures * layer.outFeatures;
    if (layer.kind !== 'convolution') return sum;
    const [height, width] = shapes[at]!;
    return sum + height! * width! * layer.outChannels * layer.inChannels * layer.geometry.kernel ** 2;
  }, 0);

export interface FineTuneCost {
  /** Passes of one image through the network and back. */
  readonly trainedImages: number;
  /** Passes of one image through the network. */
  readonly askedImages: number;
  /** A backward pass is as two forward passes. */
  readonly multiplications: number;
}

/** What fine-tuning on so many supports and queries costs, before it is done. */
export const fineTuneCost = (
  network: Network,
  fits: readonly { readonly times: number; readonly supports: number; readonly queries: number }[],
  { steps, batchSize }: { readonly steps: number; readonly batchSize: number },
): FineTuneCost => {
  const trainedImages = fits.reduce(
    (sum, { times, supports }) => sum + times * steps * Math.min(supports, batchSize),
    0,
  );
  const askedImages = fits.reduce((sum, { times, queries }) => sum + times * queries, 0);
  const multiplications = multiplicationsOf(network) * (3 * trainedImages + askedImages);
  return { trainedImages, askedImages, multiplications };
};

/** Of several runs; null where none fine-tunes. */
export const sumOfCosts = (costs: readonly (FineTuneCost | null)[]): FineTuneCost | null =>
  costs.reduce(
    (sum, each) =>
      sum === null || each === null
        ? (sum ?? each)
        : {
            trainedImages: sum.trainedImages + each.trainedImages,
            askedImages: sum.askedImages + each.askedImages,
            multiplications: sum.multiplications + each.multiplications,
          },
    null,
  );

export const fineTuneText = ({ trainedImages, askedImages, multiplications }: FineTuneCost): string =>
  `fine-tune: ${trainedImages} images forwards and backwards, ${askedImages} forwards; ${multiplications.toPrecision(3)} multiplications`;
