import { type Builder, buildNetwork } from './build.ts';
import { convolutionAndNorm, square, withClassifier } from './building-blocks.ts';
import type { Model } from './model.ts';

type Block = 'basic' | 'bottleneck';

/**
 * He et al. 2015 (arXiv 1512.03385), with torchvision's names; the bottleneck strides in its 3x3 convolution, as there, or in its first
 * 1x1 convolution with `strides: v1`, as published. `blocks` of each stage.
 */
export const resNet = (blocks: readonly number[], block: Block): Model => ({
  family: 'ResNet',
  takes: {
    stem: '3x3 stride 1, or 7x7 stride 2 with max-pool',
    ...(block === 'bottleneck' ? { strides: bottleneckStrides } : {}),
  },
  build: build(blocks, block),
  firstConvolution: 'conv1.weight',
  readOff: (_, [out, , height]) => ({
    width: out!,
    stem: height === 7 ? 'imagenet' : 'cifar',
    batchNorm: true,
  }),
  // Public networks for CIFAR with the same shapes have padding 2, or keep the max-pool.
  assumed: ({ stem }) =>
    stem === 'cifar' ? 'stride 1, padding 1 and no max-pool are assumed of its 3x3 first convolution' : null,
});

const bottleneckStrides =
  "which convolution of a bottleneck has the stride: v1.5, the 3x3 as torchvision's (where absent), or v1, the first 1x1 as published, of Caffe, Keras and MSRA";

const build =
  (blocks: readonly number[], block: Block): Model['build'] =>
  ({ width, stem, strides }, imageShape, classes) => {
    const builder = buildNetwork(imageShape);
    const outputs: Record<string, number> = {};
    const stemGeometry =
      stem === 'cifar' ? { kernel: 3, stride: 1, padding: 1 } : { kernel: 7, stride: 2, padding: 3 };
    let node = convolutionAndNorm(builder, -1, 'conv1', 'bn1', width, stemGeometry);
    node = builder.append({ kind: 'relu' }, node);
    if (stem === 'imagenet')
      node = builder.append({ kind: 'maxPool', geometry: { size: 3, stride: 2, padding: 1 } }, node);
    for (const [stage, count] of blocks.entries()) {
      for (let index = 0; index < count; index++) {
        const append = block === 'basic' ? basicBlock : bottleneck(strides === 'v1');
        const stride = stage > 0 && index === 0 ? 2 : 1;
        node = append(builder, node, `layer${stage + 1}.${index}`, width * 2 ** stage, stride);
      }
      outputs[`layer${stage + 1}`] = node;
    }
    return withClassifier(builder, node, outputs, 'fc', classes);
  };

/** The input itself, or a 1x1 convolution of it where the shapes differ. */
const shortcut = (builder: Builder, input: number, name: string, channels: number, stride: number): number =>
  stride === 1 && builder.shapeOf(input).at(-1) === channels
    ? input
    : convolutionAndNorm(
        builder,
        input,
        `${name}.downsample.0`,
        `${name}.downsample.1`,
        channels,
        square(1, stride),
      );

type AppendBlock = (
  builder: Builder,
  input: number,
  name: string,
  channels: number,
  stride: number,
) => number;

const basicBlock: AppendBlock = (builder, input, name, channels, stride) => {
  const { append } = builder;
  let node = convolutionAndNorm(builder, input, `${name}.conv1`, `${name}.bn1`, channels, square(3, stride));
  node = append({ kind: 'relu' }, node);
  node = convolutionAndNorm(builder, node, `${name}.conv2`, `${name}.bn2`, channels, square(3));
  node = append({ kind: 'add' }, node, shortcut(builder, input, name, channels, stride));
  return append({ kind: 'relu' }, node);
};

const expansion = 4;

const bottleneck =
  (stridesFirst: boolean): AppendBlock =>
  (builder, input, name, channels, stride) => {
    const { append } = builder;
    const [first, second] = stridesFirst ? [stride, 1] : [1, stride];
    let node = convolutionAndNorm(builder, input, `${name}.conv1`, `${name}.bn1`, channels, square(1, first));
    node = append({ kind: 'relu' }, node);
    node = convolutionAndNorm(builder, node, `${name}.conv2`, `${name}.bn2`, channels, square(3, second));
    node = append({ kind: 'relu' }, node);
    const wide = channels * expansion;
    node = convolutionAndNorm(builder, node, `${name}.conv3`, `${name}.bn3`, wide, square(1));
    node = append({ kind: 'add' }, node, shortcut(builder, input, name, wide, stride));
    return append({ kind: 'relu' }, node);
  };
