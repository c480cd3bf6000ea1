import { InputError } from '../input-error.ts';
import { hashName } from '../random/random.ts';
import { type Builder, buildNetwork } from './build.ts';
import { convolutionAndNorm, square, withClassifier } from './building-blocks.ts';
import { type DropBlockOptions, type Model, standard } from './model.ts';

const pooling = { size: 2, stride: 2, padding: 0 };

/**
 * Conv-4 of few-shot learning (Vinyals et al. 2016, arXiv 1606.04080), in the form and under the names of WangYueFt/rfs: four 3x3
 * convolutions with bias, batch norm and ReLU, max-pooling after the first three, and an average pool.
 */
const buildConv4: Model['build'] = ({ width }, imageShape, classes) => {
  const builder = buildNetwork(imageShape);
  const outputs: Record<string, number> = {};
  let node = -1;
  for (const stage of [1, 2, 3, 4]) {
    const names = [`layer${stage}.0`, `layer${stage}.1`] as const;
    node = convolutionAndNorm(builder, node, ...names, width, square(3), true);
    node = builder.append({ kind: 'relu' }, node);
    if (stage < 4) node = builder.append({ kind: 'maxPool', geometry: pooling }, node);
    outputs[`layer${stage}`] = node;
  }
  return withClassifier(builder, node, outputs, 'classifier', classes);
};

export const conv4: Model = {
  family: 'Conv-4',
  takes: {},
  build: buildConv4,
  firstConvolution: 'layer1.0.weight',
  readOff: (_, [out]) => ({ ...standard, width: out! }),
};

/** LeakyReLU's, in ResNet-12. */
const slope = 0.1;

/**
 * ResNet-12 of few-shot learning (Lee et al. 2019, arXiv 1904.03758), in the form and under the names of WangYueFt/rfs: one block per
 * stage, of three 3x3 convolutions, with LeakyReLU and max-pooling after the sum; 1, 2.5, 5 and 10 times `width` channels; an average
 * pool. Throws InputError for an odd width.
 */
const buildResNet12: Model['build'] = ({ width, dropBlock }, imageShape, classes) => {
  if (width % 2 !== 0)
    throw new InputError(
      `model.width ${width}: resnet12 has 2.5 times as many channels in its second stage; give an even width`,
    );
  const builder = buildNetwork(imageShape);
  const outputs: Record<string, number> = {};
  let node = -1;
  for (const [index, factor] of [1, 2.5, 5, 10].entries()) {
    node = block(builder, node, `layer${index + 1}.0`, width * factor);
    if (dropBlock !== undefined) node = dropped(builder, node, index + 1, dropBlock);
    outputs[`layer${index + 1}`] = node;
  }
  return withClassifier(builder, node, outputs, 'classifier', classes);
};

export const resNet12: Model = {
  family: 'ResNet-12',
  takes: { dropBlock: 'DropBlock in training, nothing in measures; none where absent' },
  build: buildResNet12,
  firstConvolution: 'layer1.0.conv1.weight',
  readOff: (_, [out]) => ({ ...standard, width: out! }),
};

/** As in WangYueFt/rfs: single values in the first two stages, blocks in the others. Throws InputError for blocks larger than the map. */
const dropped = (
  { append, shapeOf }: Builder,
  node: number,
  stage: number,
  options: DropBlockOptions,
): number => {
  // Not the stage's number: masks are functions of seed plus index, and neighbouring seeds would share them.
  const index = hashName(`layer${stage}`);
  if (stage <= 2) return append({ kind: 'dropout', share: options.rate, index }, node);
  const [height, width] = shapeOf(node) as readonly [number, number, number];
  if (options.size > Math.min(height, width))
    throw new InputError(
      `model.dropBlock.size ${options.size}: feature maps of layer${stage} are ${height}x${width}; give at most ${Math.min(height, width)}`,
    );
  return append({ kind: 'dropBlock', ...options, index }, node);
};

const block = (builder: Builder, input: number, name: string, channels: number): number => {
  const { append } = builder;
  let node = input;
  for (const part of [1, 2, 3]) {
    const names = [`${name}.conv${part}`, `${name}.bn${part}`] as const;
    node = convolutionAndNorm(builder, node, ...names, channels, square(3));
    if (part < 3) node = append({ kind: 'relu', slope }, node);
  }
  const names = [`${name}.downsample.0`, `${name}.downsample.1`] as const;
  const shortcut = convolutionAndNorm(builder, input, ...names, channels, square(1));
  node = append({ kind: 'relu', slope }, append({ kind: 'add' }, node, shortcut));
  return append({ kind: 'maxPool', geometry: pooling }, node);
};
