import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { StoredTensor } from '../formats/safetensors.ts';
import { InputError } from '../input-error.ts';

/**
 * Throws InputError for a segmentation network: its head is of convolutions, and its backbone is dilated. The names and shapes of a
 * dilated backbone are those of one with strides.
 */
export const refuseSegmentation = (stored: ReadonlyMap<string, StoredTensor>, path: string): void => {
  const hasBackbone = [...stored.keys()].some((name) => /(^|\.)backbone\./.test(name));
  const [head] = [...stored].find(
    ([name, { shape }]) =>
      dilatedDecoder.test(name) ||
      (hasBackbone &&
        (/(^|\.)(aux_classifier|decode_head|auxiliary_head)\./.test(name) ||
          (/(^|\.)classifier\.\d+\.(.+\.)?weight$/.test(name) && shape.length === 4))),
  ) ?? [null];
  if (head !== null)
    throw new InputError(
      `${path}: holds ${head}, of a segmentation network such as an FCN or DeepLab; its backbone is dilated, which no model here is`,
    );
};

/** Of segmentation_models_pytorch's DeepLabV3, DeepLabV3Plus and PAN; its other decoders take an encoder with strides. */
const dilatedDecoder = /(^|\.)decoder\.(0\.convs|aspp|fpa)\./;

/** Arguments of timm's ResNet, and of segmentation_models_pytorch, that change its function and neither names nor shapes, and the value that does not. */
const usualArguments = {
  aa_layer: null,
  act_layer: 'relu',
  norm_layer: 'batchnorm2d',
  replace_stem_pool: false,
  output_stride: 32,
  encoder_output_stride: 32,
} as const;

/** Why the network of a config.json, as timm and transformers write it, is no model here; null where nothing says so. */
const otherFunction = (config: Readonly<Record<string, unknown>>, strides: string): string | null => {
  const { architecture, model_type: type } = config;
  if (typeof architecture === 'string' && /resnet(aa|blur)/.test(architecture))
    return `architecture ${architecture}, whose strides average or blur`;
  const given = { ...config, ...(config.model_args as object) } as Readonly<Record<string, unknown>>;
  const argument = Object.entries(usualArguments).find(([name, usual]) => (given[name] ?? usual) !== usual);
  if (argument !== undefined) return `${argument[0]} ${JSON.stringify(given[argument[0]])}`;
  if (type !== 'resnet') return null;
  if (config.hidden_act !== undefined && config.hidden_act !== 'relu')
    return `hidden_act ${JSON.stringify(config.hidden_act)}`;
  if (config.downsample_in_first_stage === true)
    return 'downsample_in_first_stage, which strides in the first stage';
  if (config.downsample_in_bottleneck === true && config.layer_type !== 'basic' && strides !== 'v1')
    return 'downsample_in_bottleneck without --strides v1';
  return null;
};

/** Throws InputError where the config.json beside a file of weights names a network of the same names and shapes and another function. */
export const refuseOtherFunction = (path: string, strides = 'v1.5'): void => {
  const beside = join(dirname(path), 'config.json');
  let config: unknown;
  try {
    config = JSON.parse(readFileSync(beside, 'utf8'));
  } catch {
    return;
  }
  if (typeof config !== 'object' || config === null) return;
  const other = otherFunction(config as Record<string, unknown>, strides);
  if (other !== null)
    throw new InputError(
      `${path}: config.json beside it says ${other}: its weights have a model's names and shapes, and are of another function`,
    );
};
