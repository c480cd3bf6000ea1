import { InputError } from '../input-error.ts';
import { buildNetwork } from './build.ts';
import type { Model } from './model.ts';

/**
 * Simonyan and Zisserman 2014 (arXiv 1409.1556), with torchvision's names; `convolutions` of each of the five stages. The embedding is
 * the flattened features. The `cifar` form has one linear layer, called `classifier`. The `imagenet` form has torchvision's three with
 * dropout, and takes images of 224x224, where torchvision's adaptive pooling to 7x7 changes nothing.
 */
export const vgg = (convolutions: readonly number[]): Model => ({
  family: 'VGG',
  takes: {
    stem: "one flattening position, or torchvision's 7x7 average pool and hidden layers",
    batchNorm: 'with batch norm or without',
  },
  build: build(convolutions),
  firstConvolution: 'features.0.weight',
  readOff: (stored, [out]) => ({
    width: out!,
    stem: stored.has('classifier.6.weight') ? 'imagenet' : 'cifar',
    batchNorm: stored.has('features.1.running_mean'),
  }),
});

const build =
  (convolutions: readonly number[]): Model['build'] =>
  ({ batchNorm, width, stem }, imageShape, classes) => {
    if (stem === 'imagenet' && (imageShape[0] !== 224 || imageShape[1] !== 224))
      throw new InputError(
        `VGG with model.stem imagenet takes images of 224x224, not ${imageShape[0]}x${imageShape[1]}; use model.stem=cifar or data.imageSize=224`,
      );
    const { append, shapeOf, network } = buildNetwork(imageShape);
    const outputs: Record<string, number> = {};
    let node = -1;
    // torchvision numbers the members of `features`: a convolution, its norm, its ReLU and a pooling layer take one each.
    let index = 0;
    for (const [stage, count] of convolutions.entries()) {
      const outChannels = width * Math.min(2 ** stage, 8);
      for (let i = 0; i < count; i++) {
        const inChannels = shapeOf(node).at(-1)!;
        const geometry = { kernel: 3, stride: 1, padding: 1 };
        const name = `features.${index++}`;
        node = append({ kind: 'convolution', name, inChannels, outChannels, geometry, bias: true }, node);
        if (batchNorm)
          node = append({ kind: 'batchNorm', name: `features.${index++}`, channels: outChannels }, node);
        node = append({ kind: 'relu' }, node);
        index++;
      }
      node = append({ kind: 'maxPool', geometry: { size: 2, stride: 2, padding: 0 } }, node);
      index++;
      outputs[`stage${stage + 1}`] = node;
    }
    node = append({ kind: 'flatten' }, node);
    outputs.embedding = node;
    const linear = (name: string, outFeatures: number): number =>
      append({ kind: 'linear', name, inFeatures: shapeOf(node)[0]!, outFeatures, initial: 'normal' }, node);
    if (stem === 'imagenet')
      for (const [index, name] of ['classifier.0', 'classifier.3'].entries()) {
        node = linear(name, 64 * width);
        node = append({ kind: 'relu' }, node);
        node = append({ kind: 'dropout', share: 0.5, index }, node);
      }
    outputs.logits = linear(stem === 'imagenet' ? 'classifier.6' : 'classifier', classes);
    return network(outputs);
  };
