import { z } from 'zod';
import { sizeInteger } from './number-schemas.ts';

/** 0 where absent: the factor's range is [max(0, 1 - value), 1 + value], as torchvision's ColorJitter takes one number. */
const strength = (of: string) => z.number().nonnegative().max(100).optional().describe(of);

/**
 * What training does to its images, in this order: crop and flip, resized crop, rotation, colour jitter, cutout. Keys other than `augmentation` have no default, so
 * that a run that does not name them keeps its hash.
 */
export const augmentationKeys = {
  augmentation: z
    .enum(['none', 'crop-flip', 'crop', 'flip'])
    .default('crop-flip')
    .describe('Training images only: random crop after padding by 4 pixels, and horizontal flip'),
  resizedCrop: z
    .strictObject({
      scale: z
        .tuple([z.number().positive().max(1), z.number().positive().max(1)])
        .default([0.08, 1])
        .describe(
          "torchvision's RandomResizedCrop on training images, where `data.resizedCrop` is given ({} for these): the least and the largest share of the area; needs augmentation none or flip",
        ),
      ratio: z
        .tuple([z.number().positive(), z.number().positive()])
        .default([3 / 4, 4 / 3])
        .describe('The least and the largest width of the crop, relative to its height'),
    })
    .optional(),
  rotation: z
    .number()
    .nonnegative()
    .max(180)
    .optional()
    .describe(
      "torchvision's RandomRotation on training images: uniform in -value to value degrees, nearest pixel, black outside; 0 where absent",
    ),
  jitter: z
    .strictObject({
      brightness: strength(
        "torchvision's ColorJitter on training images: the factor is uniform in 1 - value to 1 + value; 0 where absent",
      ),
      contrast: strength('As brightness'),
      saturation: strength('As brightness; grey images stay as they are'),
      hue: z
        .number()
        .nonnegative()
        .max(0.5)
        .optional()
        .describe('The shift of the hue is uniform in -value to value turns; 0 where absent'),
    })
    .optional(),
  cutout: sizeInteger
    .optional()
    .describe(
      'Side of a square of training images that is filled with the mean colour (DeVries and Taylor 2017), in pixels; no square where absent',
    ),
} as const;

export type Augmentation = z.infer<z.ZodObject<typeof augmentationKeys>>;
export type JitterStrengths = NonNullable<Augmentation['jitter']>;

export const noAugmentation: Augmentation = { augmentation: 'none' };

/** Whether an augmentation can change an image. */
export const augments = ({
  augmentation,
  resizedCrop,
  rotation = 0,
  jitter,
  cutout,
}: Augmentation): boolean =>
  augmentation !== 'none' ||
  resizedCrop !== undefined ||
  rotation > 0 ||
  cutout !== undefined ||
  Object.values(jitter ?? {}).some((value = 0) => value > 0);

/** What each key allows and their combination does not; null where it makes sense. */
export function wrongAugmentation({
  augmentation,
  resizedCrop,
}: Augmentation): { readonly key: string; readonly message: string } | null {
  if (resizedCrop === undefined) return null;
  if (augmentation === 'crop' || augmentation === 'crop-flip')
    return {
      key: 'data.resizedCrop',
      message: `data.resizedCrop crops instead of data.augmentation, which is ${augmentation}; make that flip or none`,
    };
  for (const name of ['scale', 'ratio'] as const) {
    const [least, largest] = resizedCrop[name];
    if (least > largest)
      return {
        key: `data.resizedCrop.${name}`,
        message: `data.resizedCrop.${name} must not fall, as [${least}, ${largest}] does`,
      };
  }
  return null;
}
