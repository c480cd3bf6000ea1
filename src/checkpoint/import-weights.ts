import { readFileSync } from 'node:fs';
import { type RunConfig, runConfigSchema } from '../config/schema.ts';
import type { Normalization } from '../data/image-set.ts';
import { knownNormalizations } from '../data/normalization.ts';
import { decodeSafetensors, type StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import { makeNetwork } from '../models/model.ts';
import { weightSpecs } from '../models/weights.ts';
import { writeCheckpoint } from './checkpoint.ts';
import { matchWeights } from './match-weights.ts';

export interface ImportRequest {
  /** torchvision's: resnet18, vgg13, vgg13_bn ... */
  readonly model: string;
  /** What is given of the model; the rest is read off the weights. */
  readonly given: Partial<Pick<RunConfig['model'], 'width' | 'stem' | 'batchNorm'>>;
  /** Pixels a side; 224 for the imagenet stem and 32 for the cifar stem where absent. */
  readonly imageSize?: number | undefined;
  /** ImageNet's, or CIFAR-100's for images under 64 pixels, where absent. */
  readonly normalization?: NamedNormalization | undefined;
  /** Numbers from 0 where absent. */
  readonly classNames?: readonly string[] | undefined;
}

export interface NamedNormalization extends Normalization {
  readonly name: string;
}

export interface Imported {
  readonly normalization: NamedNormalization;
  readonly model: RunConfig['model'];
  readonly imageShape: readonly number[];
  readonly classes: number;
}

/**
 * Makes a checkpoint of torchvision-named weights: name, shape and values of every tensor checked, width, stem, batch norm and
 * number of classes read off them. Throws InputError of one line that names what is missing, left over or misshapen.
 */
export const importWeights = async (
  path: string,
  folder: string,
  request: ImportRequest,
): Promise<Imported> => {
  const stored = decodeSafetensors(readWeights(path), path);
  const model = modelOf(path, stored, request);
  const classes = classesOf(path, stored);
  const { classNames = Array.from({ length: classes }, (_, c) => String(c)) } = request;
  if (classNames.length !== classes)
    throw new InputError(`${path}: ${classes} classes, and ${classNames.length} names are given`);
  const side = request.imageSize ?? (model.stem === 'imagenet' ? 224 : 32);
  const channels = firstConvolution(path, stored).shape[1]!;
  const normalization = normalizationOf(path, request.normalization ?? defaultNormalization(side), channels);
  const network = makeNetwork(model, [side, side, channels], classes);
  const weights = matchWeights(weightSpecs(network), stored, path);
  const config = runConfigSchema.parse({ model });
  const state = {
    epoch: 0,
    step: 0,
    running: { loss: 0, correct: 0, examples: 0 },
    scheduled: true,
    final: true,
    metrics: { bytes: 0, sha256: '' },
    imageShape: [side, side, channels] as [number, number, number],
    normalization: { mean: [...normalization.mean], std: [...normalization.std] },
    classNames: [...classNames],
    dataChecksum: null,
  };
  await writeCheckpoint(folder, { config, state, network, weights }, null);
  return { model, imageShape: state.imageShape, classes, normalization };
};

const defaultNormalization = (side: number): NamedNormalization => {
  const name = side < 64 ? 'cifar-100' : 'imagenet';
  return { name, ...knownNormalizations[name]! };
};

/** Throws InputError where it has not one constant an input channel; `none` has as many as are needed. */
const normalizationOf = (path: string, given: NamedNormalization, channels: number): NamedNormalization => {
  const { name, mean, std } = given;
  if (name === 'none') return { name, mean: mean.slice(0, channels), std: std.slice(0, channels) };
  if (mean.length !== channels)
    throw new InputError(
      `${path}: takes images of ${channels} channels, and the normalisation ${name} is of ${mean.length}; give --normalization, ${channels === 1 ? 'such as mnist or 0.5:0.25' : 'one mean and std a channel'}`,
    );
  return given;
};

const readWeights = (path: string): Uint8Array => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InputError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
};

const firstConvolution = (path: string, stored: ReadonlyMap<string, StoredTensor>): StoredTensor => {
  const first = stored.get('conv1.weight') ?? stored.get('features.0.weight');
  if (first === undefined || first.shape.length !== 4)
    throw new InputError(
      `${path}: no conv1.weight or features.0.weight of four dimensions; expected torchvision's names of a ResNet or VGG`,
    );
  return first;
};

const modelOf = (
  path: string,
  stored: ReadonlyMap<string, StoredTensor>,
  { model, given }: ImportRequest,
): RunConfig['model'] => {
  const [name, suffix] = model.split('_');
  const first = firstConvolution(path, stored);
  const isVgg = !stored.has('conv1.weight');
  const readOff = {
    width: first.shape[0]!,
    stem: (isVgg ? stored.has('classifier.6.weight') : first.shape[2] === 7) ? 'imagenet' : 'cifar',
    batchNorm: isVgg ? stored.has('features.1.running_mean') : true,
  };
  const parsed = runConfigSchema.shape.model.safeParse({ name, ...readOff, ...given });
  if (!parsed.success || (suffix !== undefined && suffix !== 'bn'))
    throw new InputError(
      `--model ${model}: allowed are resnet10, resnet18, resnet34, resnet50, vgg11, vgg13, vgg16, and vgg11_bn, vgg13_bn, vgg16_bn`,
    );
  if (suffix === 'bn' && !parsed.data.batchNorm)
    throw new InputError(`${path}: --model ${model} has batch norm, and these weights have none`);
  return parsed.data;
};

/** Rows of the classifier's matrix. */
const classesOf = (path: string, stored: ReadonlyMap<string, StoredTensor>): number => {
  const names = ['fc.weight', 'classifier.6.weight', 'classifier.weight'];
  const found = names.find((name) => stored.has(name));
  if (found === undefined)
    throw new InputError(`${path}: no classifier; one of ${names.join(', ')} is needed`);
  return stored.get(found)!.shape[0] ?? 0;
};
