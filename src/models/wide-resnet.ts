import { InputError } from '../input-error.ts';
import { type Builder, buildNetwork } from './build.ts';
import { square, withClassifier } from './building-blocks.ts';
import { type Model, standard } from './model.ts';

/** As published: the first convolution's channels, which `model.width` 64 stands for. */
const stemChannels = 16;

/**
 * Wide ResNet (Zagoruyko and Komodakis 2016, arXiv 1605.07146), in the form and under the names of xternalz/WideResNet-pytorch: batch
 * norm and ReLU before each convolution, three groups of (depth - 4) / 6 blocks, 16 channels in the first convolution and 1, 2 and 4
 * times 16 `factor` in the groups, each times `width` / 64; an average pool over all positions. Without dropout.
 */
export const wideResNet = (depth: number, factor: number): Model => ({
  family: 'WRN',
  takes: {},
  build: build((depth - 4) / 6, factor),
  firstConvolution: 'conv1.weight',
  readOff: (_, [out]) => ({ ...standard, width: (64 * out!) / stemChannels }),
});

const build =
  (blocks: number, factor: number): Model['build'] =>
  ({ width }, imageShape, classes) => {
    if (width % (64 / stemChannels) !== 0)
      throw new InputError(
        `model.width ${width}: a WRN's first convolution has a quarter as many channels; give a multiple of 4`,
      );
    const builder = buildNetwork(imageShape);
    const outputs: Record<string, number> = {};
    const stem = (stemChannels * width) / 64;
    let node = convolution(builder, -1, 'conv1', stem, { kernel: 3, stride: 1 });
    for (const group of [1, 2, 3]) {
      const channels = stem * factor * 2 ** (group - 1);
      for (let index = 0; index < blocks; index++) {
        const stride = group > 1 && index === 0 ? 2 : 1;
        node = block(builder, node, `block${group}.layer.${index}`, channels, stride);
      }
      outputs[`block${group}`] = node;
    }
    return withClassifier(builder, normAndRelu(builder, node, 'bn1'), outputs, 'fc', classes);
  };

/** Where the number of channels changes, the shortcut is a convolution of what the first one reads; else it is the input. */
const block = (builder: Builder, input: number, name: string, channels: number, stride: number): number => {
  const activated = normAndRelu(builder, input, `${name}.bn1`);
  const first = convolution(builder, activated, `${name}.conv1`, channels, { kernel: 3, stride });
  const between = normAndRelu(builder, first, `${name}.bn2`);
  const second = convolution(builder, between, `${name}.conv2`, channels, { kernel: 3, stride: 1 });
  const shortcut =
    builder.shapeOf(input).at(-1) === channels
      ? input
      : convolution(builder, activated, `${name}.convShortcut`, channels, { kernel: 1, stride });
  return builder.append({ kind: 'add' }, second, shortcut);
};

const normAndRelu = ({ append, shapeOf }: Builder, input: number, name: string): number =>
  append({ kind: 'relu' }, append({ kind: 'batchNorm', name, channels: shapeOf(input).at(-1)! }, input));

const convolution = (
  { append, shapeOf }: Builder,
  input: number,
  name: string,
  outChannels: number,
  { kernel, stride }: { readonly kernel: number; readonly stride: number },
): number =>
  append(
    {
      kind: 'convolution',
      name,
      inChannels: shapeOf(input).at(-1)!,
      outChannels,
      geometry: square(kernel, stride),
      bias: false,
    },
    input,
  );
