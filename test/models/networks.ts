import { type RunConfig, runConfigSchema } from '../../src/config/schema.ts';
import { makeNetwork } from '../../src/models/models.ts';
import type { Network } from '../../src/models/network.ts';

export const classes = 7;

/** Configs of the small networks that fixtures/pytorch.py makes, by its names. */
export const modelOf = (name: string): RunConfig['model'] => {
  const [model, ...variants] = name === 'wrn28-10' ? [name] : (name.split(/[-_]/) as [string, ...string[]]);
  const isImageNet = variants.includes('imagenet');
  const width = isImageNet || model === 'resnet50' || name === 'wrn28-10' ? 4 : 8;
  // As PyTorch's, whose masks would be others.
  const hidden = { hidden: [24, 16], dropout: 0 };
  return runConfigSchema.parse({
    model: {
      name: model,
      width,
      stem: isImageNet ? 'imagenet' : 'cifar',
      batchNorm: model !== 'vgg13' || variants.includes('bn'),
      ...(variants.includes('hidden') ? hidden : {}),
    },
  }).model;
};

export const networkOf = (name: string, side: number): Network =>
  makeNetwork(modelOf(name), [side, side, 3], classes);
