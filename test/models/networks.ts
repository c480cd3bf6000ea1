import { type RunConfig, runConfigSchema } from '../../src/config/schema.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { Network } from '../../src/models/network.ts';

export const classes = 7;

/** Configs of the small networks that fixtures/pytorch.py makes, by its names. */
export const modelOf = (name: string): RunConfig['model'] => {
  const [model, variant] = name.split(/[-_]/) as [string, string | undefined];
  const width = variant === 'imagenet' ? 4 : model === 'resnet50' ? 4 : 8;
  return runConfigSchema.parse({
    model: {
      name: model,
      width,
      stem: variant === 'imagenet' ? 'imagenet' : 'cifar',
      batchNorm: model !== 'vgg13' || variant === 'bn',
    },
  }).model;
};

export const networkOf = (name: string, side: number): Network =>
  makeNetwork(modelOf(name), [side, side, 3], classes);
