import { type RunConfig, runConfigSchema } from '../config/schema.ts';
import type { Normalization } from '../data/image-set.ts';
import { knownNormalizations } from '../data/normalization.ts';
import { diagnostics } from '../diagnostics.ts';
import { printable } from '../formats/printable.ts';
import type { StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';
import { classifierName } from '../models/classifier.ts';
import {
  type ModelName,
  makeNetwork,
  modelNamed,
  modelNames,
  namesThatTake,
  notTaken,
} from '../models/models.ts';
import { weightSpecs } from '../models/weights.ts';
import { noClassifier, writeCheckpoint } from './checkpoint.ts';
import { withColoursSwapped, withEpsilon } from './converted-weights.ts';
import { onlyFeatures, withoutClassifier } from './headless.ts';
import { matchWeights } from './match-weights.ts';
import { hasNewStatistics } from './new-statistics.ts';
import { refuseOtherFunction } from './other-functions.ts';
import { type Chosen, readWeightsFile, type WeightsFile } from './weights-file.ts';

export interface ImportRequest {
  /** resnet18, vgg13, vgg13_bn, conv4 ... */
  readonly model: string;
  /** What is given of the model; the rest is read off the weights. */
  readonly given: Partial<Pick<RunConfig['model'], 'width' | 'stem' | 'batchNorm' | 'strides'>>;
  /** Of a file that holds more than one network's weights. */
  readonly chosen?: Chosen | undefined;
  /** Leaves out the classifier and whatever else is not of the features. */
  readonly headless?: boolean | undefined;
  /** Order of the colours that the network was fed with; rgb where absent. */
  readonly channelOrder?: 'rgb' | 'bgr' | undefined;
  /** Pixels per side; 224 for the imagenet stem and 32 for the cifar stem where absent. */
  readonly imageSize?: number | undefined;
  /** Shorter side of image files before their middle is cropped, in pixels; 256 for the imagenet stem at 224 pixels where absent, as torchvision evaluates. */
  readonly resize?: number | undefined;
  /** ImageNet's, or CIFAR-100's for images under 64 pixels, where absent. */
  readonly normalization?: NamedNormalization | undefined;
  /** Of the network that the weights were trained in; 1e-5, PyTorch's, where absent. */
  readonly batchNormEpsilon?: number | undefined;
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
  /** Shorter side of image files before their middle is cropped; absent where their largest square is averaged. */
  readonly resize: number | undefined;
  /** Null for weights without a classifier. */
  readonly classes: number | null;
  /** What was renamed to torchvision's names and left out, in words. */
  readonly renamed: readonly string[];
  /** What the weights do not tell of the model, in words; null for nothing. */
  readonly assumed: string | null;
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
  const name = modelNameOf(request.model);
  const { imageSize, chosen, batchNormEpsilon: epsilon } = request;
  const { weights: held, side: told, strides, ...read } = readWeightsFile(path, name, imageSize, chosen);
  refuseContradiction(request, strides, path);
  if (strides === undefined) refuseOtherFunction(path, request.given.strides);
  const { config: model, channels } = modelOf(path, name, held, request, strides);
  const side = request.imageSize ?? sideOf(model, held, told);
  const imageShape: [number, number, number] = [side, side, channels];
  const lastLayer = classifierName(makeNetwork(model, imageShape, 1));
  const { named, renamed } = request.headless
    ? onlyFeatures(held, makeNetwork(model, imageShape, 1), lastLayer, read.renamed, path)
    : { named: held, ...read };
  const classifier = named.get(`${lastLayer}.weight`) ?? null;
  const classes = classifier?.shape[0] ?? 1;
  const {
    classNames = classifier === null ? [noClassifier] : Array.from({ length: classes }, (_, c) => String(c)),
  } = request;
  if (classNames.length !== classes)
    throw new InputError(`${path}: ${classes} classes, and ${classNames.length} names are given`);
  const normalization = normalizationOf(path, request.normalization ?? defaultNormalization(side), channels);
  const network = makeNetwork(model, imageShape, classes);
  const specs = weightSpecs(network);
  const complete = classifier === null ? withoutClassifier(named, lastLayer, specs, path) : named;
  const own = matchWeights(specs, complete, path);
  if (strides === undefined && hasNewStatistics(own, complete))
    diagnostics.warn(
      `${path}: every running mean is 0 and every running variance 1, as in a new network, beside weights that are trained; averaged weights (SWA, EMA) need update_bn before they are saved`,
    );
  const matched = withEpsilon(own, epsilon, path);
  const weights =
    request.channelOrder === 'bgr'
      ? withColoursSwapped(matched, modelNamed(name).firstConvolution, path)
      : matched;
  const isTold = strides !== undefined || request.given.stem !== undefined;
  const assumed = isTold ? null : (modelNamed(name).assumed?.(model) ?? null);
  const resize = request.resize ?? (model.stem === 'imagenet' && side === 224 ? 256 : undefined);
  if (resize !== undefined && resize < side)
    throw new InputError(
      `--resize ${resize}: less than the ${side} pixels of the network; nothing is left to crop`,
    );
  const config = runConfigSchema.parse({ model, data: { resize } });
  const state = {
    epoch: 0,
    step: 0,
    running: { loss: 0, correct: 0, examples: 0, gradientSquaredNorm: null },
    pathSquaredNorm: null,
    scheduled: true,
    final: true,
    metrics: { bytes: 0, sha256: '' },
    imageShape,
    normalization: { mean: [...normalization.mean], std: [...normalization.std] },
    classNames: [...classNames],
    classNamesGiven: request.classNames !== undefined,
    dataChecksum: null,
  };
  await writeCheckpoint(folder, { config, state, network, weights }, null);
  return {
    model,
    imageShape,
    resize,
    classes: classifier === null ? null : classes,
    normalization,
    renamed,
    assumed,
  };
};

const defaultNormalization = (side: number): NamedNormalization => {
  const name = side < 64 ? 'cifar-100' : 'imagenet';
  return { name, ...knownNormalizations[name]! };
};

/** Throws InputError where it has not one constant an input channel; `none` has as many as are needed. */
const normalizationOf = (path: string, given: NamedNormalization, channels: number): NamedNormalization => {
  const { name, mean } = given;
  if (name === 'none')
    return { name, mean: Array<number>(channels).fill(0), std: Array<number>(channels).fill(1) };
  if (mean.length !== channels)
    throw new InputError(
      `${path}: takes images of ${channels} channels, and the normalisation ${name} is of ${mean.length}; give --normalization, ${channels === 1 ? 'such as mnist or 0.5:0.25' : 'one mean and std a channel'}`,
    );
  return given;
};

/** Throws InputError where the request says otherwise than a file that tells itself. */
const refuseContradiction = (
  { given, batchNormEpsilon: epsilon }: ImportRequest,
  strides: WeightsFile['strides'],
  path: string,
): void => {
  if (strides === undefined) return;
  if (given.strides !== undefined && given.strides !== strides)
    throw new InputError(
      `${path}: --strides ${given.strides}: the operations of its graph are those of ${strides}`,
    );
  if (epsilon !== undefined)
    throw new InputError(
      `${path}: --batch-norm-epsilon ${epsilon}: its graph tells the epsilon; leave it out`,
    );
};

const modelNameOf = (model: string): ModelName => {
  const name = modelNames.find((each) => each === model || (each === cutNorm(model) && takesNorm(each)));
  if (name === undefined)
    throw new InputError(
      `--model ${model}: allowed are ${[...modelNames, ...namesThatTake('batchNorm').map((each) => `${each}${normSuffix}`)].join(', ')}`,
    );
  return name;
};

/** The network that weights of this model's names come from: what is not given is read off them. */
const modelOf = (
  path: string,
  name: ModelName,
  stored: ReadonlyMap<string, StoredTensor>,
  { model, given }: ImportRequest,
  strides: WeightsFile['strides'],
): { readonly config: RunConfig['model']; readonly channels: number } => {
  const { firstConvolution, readOff } = modelNamed(name);
  const first = stored.get(firstConvolution);
  if (first?.shape.length !== 4)
    throw new InputError(
      `${path}: no ${firstConvolution} of four dimensions, which every ${name} has; it holds ${
        [...stored.keys()]
          .slice(0, 3)
          .map((each) => printable(each))
          .join(', ') || 'no tensor'
      }`,
    );
  const config = runConfigSchema.shape.model.parse({
    name,
    ...readOff(stored, first.shape),
    ...(strides === 'v1' ? { strides } : {}),
    ...given,
  });
  const lacking = notTaken(config);
  if (lacking !== null) throw new InputError(lacking.message);
  if (name !== model && !config.batchNorm)
    throw new InputError(`${path}: --model ${model} has batch norm, and these weights have none`);
  return { config, channels: first.shape[1]! };
};

/** Pixels per side: what the file says, else what the weights tell, of which several sides may have the same, else the stem's. */
const sideOf = (
  model: RunConfig['model'],
  stored: ReadonlyMap<string, StoredTensor>,
  told: number | null,
): number => told ?? modelNamed(model.name).sideOf?.(stored, model) ?? (model.stem === 'imagenet' ? 224 : 32);

/** torchvision's name of a network that has batch norm, where there is one without. */
const normSuffix = '_bn';
const cutNorm = (name: string): string =>
  name.endsWith(normSuffix) ? name.slice(0, -normSuffix.length) : '';
const takesNorm = (name: ModelName): boolean => namesThatTake('batchNorm').includes(name);
