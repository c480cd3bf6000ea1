/** Networks that a config and `gcnc import` can name; src/models/model.ts has a row for each, which its type asks for. */
export const modelNames = [
  'resnet10',
  'resnet12',
  'resnet18',
  'resnet34',
  'resnet50',
  'vgg11',
  'vgg13',
  'vgg16',
  'conv4',
] as const;

export type ModelName = (typeof modelNames)[number];
