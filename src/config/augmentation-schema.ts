import { z } from 'zod';

/** 0 where absent: the factor's range is [max(0, 1 - value), 1 + value], as torchvision's ColorJitter takes one number. */
const strength = (of: string) => z.number().nonnegative().max(100).optional().describe(of);

/**
 * What training does to its images, in this order: crop, colour jitter, flip. Keys other than `augmentation` have no default, so
 * that a run that does not name them keeps its hash.
 */
export const augmentationKeys = {
  augmentation: z
    .enum(['none', 'crop-flip', 'crop', 'flip'])
    .default('crop-flip')
    .describe('Training images only: random crop after padding by 4 pixels, and horizontal flip'),
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
} as const;

export type Augmentation = z.infer<z.ZodObject<typeof augmentationKeys>>;
export type JitterStrengths = NonNullable<Augmentation['jitter']>;

export const noAugmentation: Augmentation = { augmentation: 'none' };

/** Whether an augmentation can change an image. */
export const augments = ({ augmentation, jitter }: Augmentation): boolean =>
  augmentation !== 'none' || Object.values(jitter ?? {}).some((value = 0) => value > 0);
