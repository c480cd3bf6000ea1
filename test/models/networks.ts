import { runConfigSchema } from '../../src/config/schema.ts';
import { makeNetwork } from '../../src/models/model.ts';
import type { Network } from '../../src/models/network.ts';

export const classes = 7;

/** The small networks that fixtures/pytorch.py makes, by its names. */
export const networkOf = (name: string, side: number): Network => {
  const [model, variant] = name.split(/[-_]/) as [string, string | undefined];
  const width = variant === 'imagenet' ? 4 : model === 'resnet50' ? 4 : 8;
  const { model: config } = runConfigSchema.parse({
    model: {
      name: model,
      width,
      stem: variant === 'imagenet' ? 'imagenet' : 'cifar',
      batchNorm: model !== 'vgg13' || variant === 'bn',
    },
  });
  return makeNetwork(config, [side, side, 3], classes);
};
