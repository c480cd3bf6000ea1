import { InputError } from '../input-error.ts';
import { type Builder, buildNetwork } from './build.ts';
import type { Model, ModelOptions, StoredShapes } from './model.ts';

/**
 * Simonyan and Zisserman 2014 (arXiv 1409.1556), with torchvision's names; `convolutions` of each of the five stages. The embedding is
 * what the last linear layer reads: the flattened features, or the last hidden layer where there are some. torchvision's two hidden
 * layers are those of the `imagenet` form, which takes images of 224x224, where torchvision's adaptive pooling to 7x7 changes nothing.
 */
export const vgg = (convolutions: readonly number[]): Model => ({
  family: 'VGG',
  takes: {
    stem: "images of any size, or torchvision's network for 224x224",
    batchNorm: 'with batch norm or without',
    hidden:
      "sizes of the linear layers with ReLU and dropout before the classifier, such as [512, 512]; none where absent, and torchvision's two of 64 times the width with the imagenet stem",
    dropout: 'share of each hidden layer that training sets to 0; 0.5 where absent',
  },
  build: build(convolutions),
  firstConvolution: 'features.0.weight',
  readOff: (stored, [out]) => {
    const width = out!;
    const { stem, hidden } = headOf(stored, width);
    const options = { width, stem, batchNorm: stored.has('features.1.running_mean') } as const;
    return hidden.length === 0 ? options : { ...options, hidden };
  },
  sideOf: (stored, { width }) => {
    const features = linearShapes(stored)[0]?.[1];
    if (features === undefined) return null;
    const side = 32 * Math.sqrt(features / (8 * width));
    return Number.isInteger(side) ? side : null;
  },
  changed: {
    writtenOut: ({ stem, width, hidden }) =>
      stem === 'imagenet' && hidden === undefined ? { hidden: torchvisionsHidden(width) } : {},
    before: 'its embedding was the flattened features, which are the layer `flatten` now',
  },
});

const torchvisionsHidden = (width: number): number[] => [64 * width, 64 * width];

/** torchvision numbers the classifier's members: a linear layer, its ReLU and its dropout take one each. */
const linearName = (index: number, hidden: number): string =>
  hidden === 0 ? 'classifier' : `classifier.${3 * index}`;

const build =
  (convolutions: readonly number[]): Model['build'] =>
  (options, imageShape, classes) => {
    const { batchNorm, width, stem } = options;
    checkHead(options);
    if (stem === 'imagenet' && (imageShape[0] !== 224 || imageShape[1] !== 224))
      throw new InputError(
        `VGG with model.stem imagenet takes images of 224x224, not ${imageShape[0]}x${imageShape[1]}; use model.stem=cifar or data.imageSize=224`,
      );
    const builder = buildNetwork(imageShape);
    const { append, shapeOf, network } = builder;
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
    const flatten = append({ kind: 'flatten' }, node);
    return network({ ...outputs, flatten, ...appendHead(builder, flatten, options, classes) });
  };

const checkHead = ({ stem, hidden, dropout }: ModelOptions): void => {
  const hasNone = hidden?.length === 0;
  if (stem === 'imagenet' && hasNone)
    throw new InputError(
      'model.hidden []: the imagenet stem has hidden layers; use model.stem=cifar for none',
    );
  if (dropout !== undefined && stem === 'cifar' && (hidden === undefined || hasNone))
    throw new InputError(
      `model.dropout ${dropout}: it is of hidden layers, and there are none; give model.hidden, such as [512, 512]`,
    );
};

/** Hidden layers and the classifier. torchvision's start normal; those of `model.hidden` as PyTorch's linear layers do by themselves. */
const appendHead = (
  { append, shapeOf }: Builder,
  flatten: number,
  { stem, width, hidden: given, dropout: share = 0.5 }: ModelOptions,
  classes: number,
): { readonly embedding: number; readonly logits: number } => {
  const hidden = given ?? (stem === 'imagenet' ? torchvisionsHidden(width) : []);
  const initial = stem === 'imagenet' || hidden.length === 0 ? ({ initial: 'normal' } as const) : {};
  const linear = (node: number, index: number, outFeatures: number): number => {
    const [inFeatures] = shapeOf(node) as readonly [number];
    const name = linearName(index, hidden.length);
    return append({ kind: 'linear', name, inFeatures, outFeatures, ...initial }, node);
  };
  let node = flatten;
  for (const [index, size] of hidden.entries()) {
    node = append({ kind: 'relu' }, linear(node, index, size));
    if (share > 0) node = append({ kind: 'dropout', share, index }, node);
  }
  return { embedding: node, logits: linear(node, hidden.length, classes) };
};

/** Shapes [out, in] of the linear layers, first to last. */
const linearShapes = (stored: StoredShapes): readonly (readonly number[])[] => {
  const only = stored.get('classifier.weight');
  if (only !== undefined) return [only.shape];
  return [...stored]
    .flatMap(([name, { shape }]) => {
      const [, index] = /^classifier\.(\d+)\.weight$/.exec(name) ?? [];
      return index === undefined || shape.length !== 2 ? [] : [{ index: Number(index), shape }];
    })
    .sort((a, b) => a.index - b.index)
    .map(({ shape }) => shape);
};

/** torchvision's form where the first hidden layer reads 7x7 features; its two hidden layers alone are weights without a classifier. */
const headOf = (
  stored: StoredShapes,
  width: number,
): { readonly stem: 'cifar' | 'imagenet'; readonly hidden: readonly number[] } => {
  const shapes = linearShapes(stored);
  const sizes = shapes.map(([out]) => out!);
  if (stored.has('classifier.weight') || shapes.length === 0) return { stem: 'cifar', hidden: [] };
  const isTorchvisions = shapes[0]![1] === 7 * 7 * 8 * width;
  const stem = isTorchvisions && shapes.length > 1 ? 'imagenet' : 'cifar';
  const isHeadless = stem === 'imagenet' && String(sizes) === String(torchvisionsHidden(width));
  return { stem, hidden: isHeadless ? sizes : sizes.slice(0, -1) };
};
