import type { ModelName } from '../config/model-names.ts';
import type { RunConfig } from '../config/schema.ts';
import { InputError } from '../input-error.ts';
import { conv4, type FewShotOptions, resNet12 } from './few-shot-networks.ts';
import type { Network, Shape } from './network.ts';
import { resNet } from './resnet.ts';
import { vgg } from './vgg.ts';

type ModelConfig = Pick<RunConfig['model'], 'name' | 'width' | 'stem' | 'batchNorm'>;
type MakeNetwork = (model: ModelConfig, imageShape: Shape, classes: number) => Network;

const residual =
  (blocks: readonly number[], block: 'basic' | 'bottleneck'): MakeNetwork =>
  ({ width, stem }, imageShape, classes) =>
    resNet({ blocks, block, width, stem, imageShape, classes });

const plain =
  (convolutions: readonly number[]): MakeNetwork =>
  ({ width, stem, batchNorm }, imageShape, classes) =>
    vgg({ convolutions, batchNorm, width, stem, imageShape, classes });

const fewShot =
  (make: (options: FewShotOptions) => Network): MakeNetwork =>
  ({ name, width, stem, batchNorm }, imageShape, classes) => {
    if (stem !== 'cifar') throw new InputError(`model.stem ${stem}: ${name} has none; leave it out`);
    if (!batchNorm) throw new InputError(`model.batchNorm false: ${name} always has batch norm`);
    return make({ width, imageShape, classes });
  };

const models: Readonly<Record<ModelName, MakeNetwork>> = {
  resnet10: residual([1, 1, 1, 1], 'basic'),
  resnet12: fewShot(resNet12),
  resnet18: residual([2, 2, 2, 2], 'basic'),
  resnet34: residual([3, 4, 6, 3], 'basic'),
  resnet50: residual([3, 4, 6, 3], 'bottleneck'),
  vgg11: plain([1, 1, 2, 2, 2]),
  vgg13: plain([2, 2, 2, 2, 2]),
  vgg16: plain([2, 2, 3, 3, 3]),
  conv4: fewShot(conv4),
};

/** The network that a config names, for images [height, width, channels]. Throws InputError for images too small. */
export const makeNetwork: MakeNetwork = (model, imageShape, classes) =>
  models[model.name](model, imageShape, classes);
