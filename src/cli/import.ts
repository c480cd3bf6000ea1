import { existsSync } from 'node:fs';
import { Command, Option } from 'commander';
import { importWeights, type NamedNormalization } from '../checkpoint/import-weights.ts';
import { runConfigSchema } from '../config/schema.ts';
import { readClassNames } from '../data/class-names.ts';
import { knownNormalizations } from '../data/normalization.ts';
import { InputError } from '../input-error.ts';
import { modelNames } from '../models/models.ts';
import { positiveNumber, wholeNumber } from './numbers.ts';
import { checkOutputFolder } from './outputs.ts';

interface Flags {
  readonly model: string;
  readonly out: string;
  readonly imageSize?: number;
  readonly resize?: number;
  readonly normalization?: string;
  readonly batchNormEpsilon?: number;
  readonly strides?: 'v1' | 'v1.5';
  readonly channelOrder?: 'rgb' | 'bgr';
  readonly stateDict?: string;
  readonly prefix?: string;
  readonly headless?: boolean;
  readonly classNames?: string;
  readonly json?: boolean;
}

/** `gcnc import WEIGHTS --model NAME --out CHECKPOINT`. */
export const importCommand = (): Command =>
  new Command('import')
    .description("A checkpoint of torchvision's weights, for measure, eval, embed and fine-tuning")
    .argument('<weights>', 'a .pt or .pth file of torch.save, .safetensors or .onnx')
    .argument('[key=value...]', 'model.width, model.stem or model.batchNorm, where they must be these')
    .requiredOption('--model <name>', `${modelNames.join(', ')}; vgg with _bn for batch norm`)
    .requiredOption('--out <folder>', "the checkpoint's folder")
    .option(
      '--image-size <pixels>',
      'pixels per side (default: 32 for the cifar stem, 224 for the imagenet stem)',
      wholeNumber(1),
    )
    .option(
      '--resize <pixels>',
      "of image files: the shorter side before the middle is cropped, as torchvision's Resize and CenterCrop (default: 256 for the imagenet stem at 224 pixels; else the largest square is averaged)",
      wholeNumber(1),
    )
    .option(
      '--normalization <name>',
      `${Object.keys(knownNormalizations).join(', ')}, none, or mean:std with commas, such as 0.5,0.5,0.5:0.25,0.25,0.25 (default: imagenet, or cifar-100 for images under 64 pixels)`,
    )
    .option('--batch-norm-epsilon <value>', 'of the network that was trained (default: 1e-5)', positiveNumber)
    .addOption(
      new Option(
        '--strides <which>',
        "of a bottleneck: torchvision's v1.5 (default), or v1 with the stride in the first 1x1 convolution",
      ).choices(['v1', 'v1.5']),
    )
    .addOption(
      new Option(
        '--channel-order <order>',
        'of the colours that the network was fed with (default: rgb)',
      ).choices(['rgb', 'bgr']),
    )
    .option('--state-dict <key>', 'which of several state dicts in one file, such as model_ema')
    .option('--prefix <text>', 'which of several networks in one state dict, such as encoder_q.')
    .option(
      '--headless',
      'leave out the classifier, and projection heads and whatever else is not of the features',
    )
    .option('--class-names <file>', 'one name a line, in the order of the logits')
    .option('--json', 'one JSON object on standard output')
    .action(async (weights: string, given: string[], flags: Flags) => {
      if (existsSync(flags.out))
        throw new InputError(`--out ${flags.out}: is there already; nothing is overwritten`);
      checkOutputFolder('--out', flags.out);
      const imported = await importWeights(weights, flags.out, {
        model: flags.model,
        given: { ...givenOf(given), ...(flags.strides ? { strides: flags.strides } : {}) },
        chosen: { stateDict: flags.stateDict, prefix: flags.prefix },
        channelOrder: flags.channelOrder,
        headless: flags.headless,
        imageSize: flags.imageSize,
        resize: flags.resize,
        normalization: flags.normalization === undefined ? undefined : normalizationOf(flags.normalization),
        batchNormEpsilon: flags.batchNormEpsilon,
        classNames: flags.classNames === undefined ? undefined : readClassNames(flags.classNames),
      });
      const { model, imageShape, resize, classes, normalization, renamed, assumed } = imported;
      const about = [
        ...renamed,
        ...(assumed === null ? [] : [assumed]),
        ...(classes === null ? ['no classifier: loss, accuracy, NC3 and NC4 are not measured'] : []),
        ...(classes !== null && flags.classNames === undefined
          ? [`the classifier is kept, its classes are called 0 to ${classes - 1}; --class-names names them`]
          : []),
      ];
      const said = `${flags.out}: ${model.name}, width ${model.width}, ${model.stem} stem, ${model.batchNorm ? 'batch norm' : 'no batch norm'}${model.strides ? `, strides ${model.strides}` : ''}, ${classes ?? 'no'} classes; images ${imageShape.join('x')}${resize === undefined ? '' : `, image files from ${resize}`}, normalised as ${normalization.name}`;
      process.stdout.write(
        flags.json
          ? `${JSON.stringify({ checkpoint: flags.out, model, imageShape, resize: resize ?? null, classes, normalization, renamed, assumed })}\n`
          : `${[said, ...about].join('; ')}\n`,
      );
    });

const givenOf = (overrides: readonly string[]) => {
  const entries = overrides.map((text) => {
    const [, key, value] = /^model\.(width|stem|batchNorm)=(.+)$/.exec(text) ?? [];
    if (key === undefined || value === undefined)
      throw new InputError(`${text}: allowed are model.width=, model.stem= and model.batchNorm=`);
    if (key === 'batchNorm' && value !== 'true' && value !== 'false')
      throw new InputError(`${text}: model.batchNorm is true or false`);
    return [key, key === 'width' ? Number(value) : key === 'batchNorm' ? value === 'true' : value] as const;
  });
  const checked = runConfigSchema.shape.model.safeParse(Object.fromEntries(entries));
  if (!checked.success) throw new InputError(`${overrides.join(' ')}: ${checked.error.issues[0]?.message}`);
  const { width, stem, batchNorm } = checked.data;
  const isGiven = new Set(entries.map(([key]) => key));
  return {
    ...(isGiven.has('width') ? { width } : {}),
    ...(isGiven.has('stem') ? { stem } : {}),
    ...(isGiven.has('batchNorm') ? { batchNorm } : {}),
  };
};

const normalizationOf = (name: string): NamedNormalization => {
  if (Object.hasOwn(knownNormalizations, name)) return { name, ...knownNormalizations[name]! };
  if (name === 'none') return { name, mean: [0, 0, 0], std: [1, 1, 1] };
  // An empty text is no number, though Number() makes it 0.
  const numbers = (part: string): number[] =>
    part.split(',').map((each) => (each.trim() === '' ? Number.NaN : Number(each)));
  const [mean, std, ...more] = name.split(':').map(numbers);
  const isRight =
    more.length === 0 &&
    mean !== undefined &&
    std !== undefined &&
    mean.length === std.length &&
    [1, 3].includes(mean.length) &&
    [...mean, ...std].every(Number.isFinite) &&
    std.every((each) => each > 0);
  if (isRight && (mean.some((each) => each < 0 || each > 1) || std.some((each) => each > 1)))
    throw new InputError(
      `--normalization ${name}: means lie from 0 to 1 and deviations up to 1, of pixels scaled to [0,1]; divide those of pixels from 0 to 255 by 255`,
    );
  if (!isRight)
    throw new InputError(
      `--normalization ${name}: allowed are ${Object.keys(knownNormalizations).join(', ')}, none, or one mean and std a channel such as 0.5,0.5,0.5:0.25,0.25,0.25`,
    );
  return { name, mean, std };
};
