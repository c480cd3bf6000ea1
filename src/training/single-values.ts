import { diagnostics } from '../diagnostics.ts';
import type { Network } from '../models/network.ts';

/**
 * Warns where a batch of an epoch is one image and a batch norm sees one position of it: the variance of one value is 0, so that the layer
 * gives its offset whatever the image is. PyTorch refuses such a batch.
 */
export const warnOfSingleValues = ({ nodes, shapes }: Network, examples: number, batchSize: number): void => {
  const fewest = examples % batchSize || batchSize;
  const at = nodes.findIndex(
    ({ layer }, index) =>
      layer.kind === 'batchNorm' &&
      shapes[index]!.slice(0, -1).reduce((positions, side) => positions * side, 1) === 1,
  );
  const layer = nodes[at]?.layer;
  if (fewest > 1 || layer?.kind !== 'batchNorm') return;
  diagnostics.warn(
    `training.batchSize ${batchSize}: ${examples} images leave a batch of one, of which ${layer.name} sees one value per channel and gives the same for every image; give another batch size, or larger images`,
  );
};
