import { conv4, resNet12 } from './few-shot-networks.ts';
import { type Model, type ModelOptions, type OwnKey, standard } from './model.ts';
import type { Network, Shape } from './network.ts';
import { resNet } from './resnet.ts';
import { vgg } from './vgg.ts';

/** One row per network that a config and `gcnc import` can name. */
const models = {
  resnet10: resNet([1, 1, 1, 1], 'basic'),
  resnet12: resNet12,
  resnet18: resNet([2, 2, 2, 2], 'basic'),
  resnet34: resNet([3, 4, 6, 3], 'basic'),
  resnet50: resNet([3, 4, 6, 3], 'bottleneck'),
  vgg11: vgg([1, 1, 2, 2, 2]),
  vgg13: vgg([2, 2, 2, 2, 2]),
  vgg16: vgg([2, 2, 3, 3, 3]),
  conv4,
} as const satisfies Readonly<Record<string, Model>>;

export type ModelName = keyof typeof models;
export type NamedModel = ModelOptions & { readonly name: ModelName };

export const modelNames = Object.keys(models) as [ModelName, ...ModelName[]];

export const modelNamed = (name: ModelName): Model => models[name];

export const namesThatTake = (key: OwnKey): readonly ModelName[] =>
  modelNames.filter((name) => modelNamed(name).takes[key] !== undefined);

/** What a key means, by family: "ResNet: ... VGG: ...". */
export const meaningOf = (key: OwnKey): string => {
  const texts = namesThatTake(key).map(
    (name) => `${modelNamed(name).family}: ${modelNamed(name).takes[key]}.`,
  );
  return `${[...new Set(texts)].join(' ')} Other networks do not take it`;
};

/** The first key whose value the network does not take, and a message; null where it takes all. */
export const notTaken = (model: NamedModel): { readonly key: OwnKey; readonly message: string } | null => {
  const { takes } = modelNamed(model.name);
  const key = (Object.keys(standard) as OwnKey[]).find(
    (each) => takes[each] === undefined && model[each] !== standard[each],
  );
  if (key === undefined) return null;
  const message = `model.${key} is ${model[key]}, and ${model.name} takes only ${standard[key]}; others are for ${namesThatTake(key).join(', ')}`;
  return { key, message };
};

/** The network that a config names, for images [height, width, channels]. Throws InputError for images too small. */
export const makeNetwork = (model: NamedModel, imageShape: Shape, classes: number): Network =>
  modelNamed(model.name).build(model, imageShape, classes);
