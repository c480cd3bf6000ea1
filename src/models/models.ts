import { conv4, resNet12 } from './few-shot-networks.ts';
import { type Model, type ModelOptions, type OwnKey, ownKeys, standard } from './model.ts';
import type { Network, Shape } from './network.ts';
import { resNet } from './resnet.ts';
import { vgg } from './vgg.ts';
import { wideResNet } from './wide-resnet.ts';

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
  'wrn28-10': wideResNet(28, 10),
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
  const all: Partial<ModelOptions> = standard;
  const key = ownKeys.find((each) => takes[each] === undefined && model[each] !== all[each]);
  if (key === undefined) return null;
  const only = all[key] === undefined ? 'none' : `only ${all[key]}`;
  const message = `model.${key} is ${JSON.stringify(model[key])}, and ${model.name} takes ${only}; others are for ${namesThatTake(key).join(', ')}`;
  return { key, message: message.replaceAll('"', '') };
};

/** The model with the keys that its run's config writes out. */
export const writtenOut = <Given extends NamedModel>(model: Given): Given => ({
  ...model,
  ...modelNamed(model.name).changed?.writtenOut(model),
});

/** What a network of a stored config was, where an older version wrote it and the same words mean another one now; else null. */
export const meantBefore = (model: NamedModel): string | null => {
  const { changed } = modelNamed(model.name);
  return changed !== undefined && Object.keys(changed.writtenOut(model)).length > 0 ? changed.before : null;
};

/** The network that a config names, for images [height, width, channels]. Throws InputError for images too small. */
export const makeNetwork = (model: NamedModel, imageShape: Shape, classes: number): Network =>
  modelNamed(model.name).build(model, imageShape, classes);
