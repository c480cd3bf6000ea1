import { z } from 'zod';
import { meaningOf, modelNames } from '../models/models.ts';
import { augmentationKeys } from './augmentation-schema.ts';
import { dataKinds } from './data-kinds.ts';
import { fewshotSchema } from './fewshot-schema.ts';
import { measureSchema } from './measure-schema.ts';
import { positiveInteger, seedSchema, sizeInteger } from './number-schemas.ts';
import { slurmSchema } from './slurm-schema.ts';
import { sweepBlockSchema } from './sweep-block-schema.ts';

/** What a run is: every key that changes a number, and none that does not (jobs, folders and displays stay outside). */

const nonNegative = z.number().nonnegative();

const dataSchema = z
  .strictObject({
    name: z
      .string()
      .default('glyphs')
      .describe(
        `Data set: a name of gcnc data list, such as glyphs (drawn by the program) or cifar-100; ${dataKinds}`,
      ),
    split: z
      .string()
      .default('auto')
      .describe(
        "Class split into source, validation and target classes: auto (the data set's own), none, cifar-fs, fc100, a file.yaml, or a folder with train.txt, val.txt and test.txt",
      ),
    perClass: positiveInteger
      .optional()
      .describe('Training images per source class, drawn with the seed 0; all where absent'),
    ...augmentationKeys,
    imageSize: sizeInteger
      .optional()
      .describe(
        'Pixels per side. Folders of images need it and are resized to it; glyphs are drawn at it (32 where absent); 32 gives MNIST a black border',
      ),
    resize: sizeInteger
      .optional()
      .describe(
        "Folders of images: resize the shorter side to this many pixels (bilinear with antialias), then crop the middle, as torchvision's Resize and CenterCrop; the largest square is averaged where absent",
      ),
    channels: z.literal(3).optional().describe('3 repeats grey images as colour; as they are where absent'),
  })
  .prefault({});

const dropBlockSchema = z.strictObject({
  size: positiveInteger.max(64).describe('Side of a block: 2 at 32 pixels and 5 at 84 in WangYueFt/rfs'),
  rate: z
    .number()
    .positive()
    .lt(1)
    .default(0.1)
    .describe(
      'Share of values that training sets to 0: in blocks in stages 3 and 4, one by one in stages 1 and 2',
    ),
  rampSteps: positiveInteger
    .default(40_000)
    .describe('Steps over which the share in blocks rises from 0 to the rate'),
});

const modelSchema = z
  .strictObject({
    name: z.enum(modelNames).default('resnet18').describe('The network; docs/models.md has each one'),
    width: sizeInteger.default(64).describe('Channels of the first stage; 64 as published'),
    stem: z.enum(['cifar', 'imagenet']).default('cifar').describe(meaningOf('stem')),
    batchNorm: z.boolean().default(true).describe(meaningOf('batchNorm')),
    strides: z.enum(['v1', 'v1.5']).optional().describe(meaningOf('strides')),
    hidden: z.array(sizeInteger).max(8).optional().describe(meaningOf('hidden')),
    dropout: z.number().min(0).lt(1).optional().describe(meaningOf('dropout')),
    dropBlock: dropBlockSchema.optional().describe(meaningOf('dropBlock')),
    weights: z
      .string()
      .optional()
      .describe(
        'Checkpoint folder to start from (fine-tuning); its classifier is dropped where the classes differ',
      ),
    freeze: z.boolean().default(false).describe('Train the classifier only'),
    normalization: z
      .enum(['data', 'weights'])
      .optional()
      .describe(
        "With model.weights, the constants that pixels are scaled with: data, the run's own (where absent), or weights, the checkpoint's. Where they differ by more than a quarter of a deviation, a run that is frozen or has no epochs must name one",
      ),
  })
  .prefault({});

const scheduleSchema = z
  .strictObject({
    name: z.enum(['constant', 'step', 'cosine']).default('constant').describe('cosine: to 0 at the end'),
    milestones: z
      .array(z.number().min(0).max(1))
      .default([0.5, 0.75])
      .describe('step: shares of training after which the rate is multiplied by gamma'),
    gamma: z.number().positive().max(1).default(0.1).describe('step: factor at each milestone'),
    warmupEpochs: nonNegative.default(0).describe('Linear from 0 to the rate'),
  })
  .prefault({});

const trainingSchema = z
  .strictObject({
    epochs: z.int().nonnegative().max(1_000_000).default(10).describe('0 measures the untrained network'),
    stopAtLoss: z
      .number()
      .positive()
      .optional()
      .describe(
        'Training ends after the first epoch whose mean training loss is at or below this; epochs is then the cap',
      ),
    batchSize: positiveInteger.default(128).describe('Images per step'),
    learningRate: z.number().positive().default(0.05).describe('The rate of SGD, before the schedule'),
    momentum: z.number().min(0).lt(1).default(0.9).describe('As in PyTorch: v <- momentum * v + gradient'),
    nesterov: z.boolean().default(false).describe('Needs momentum'),
    l2: nonNegative.default(0).describe("lambda of the loss term lambda/2 ||w||^2 (PyTorch's weight_decay)"),
    weightDecay: nonNegative
      .default(0)
      .describe('Decoupled decay: w <- w - rate * weightDecay * w, outside the momentum'),
    decayBiasAndNorm: z
      .boolean()
      .default(true)
      .describe('Whether biases and batch-norm parameters take part in l2 and weightDecay'),
    gcPenalty: nonNegative
      .default(0)
      .describe('Adds to the loss this number times the geometric complexity of the embedding'),
    labelSmoothing: z
      .number()
      .min(0)
      .lt(1)
      .default(0)
      .describe('Share of the label that is spread over all classes'),
    schedule: scheduleSchema,
    precision: z
      .enum(['float32', 'tf32', 'bfloat16', 'auto'])
      .default('float32')
      .describe(
        'Convolutions and activations; weights, statistics, loss and optimizer stay float32. tf32: float32 whose products an NVIDIA card rounds to ten bits; on a GPU only',
      ),
    checkpointEvery: z
      .strictObject({
        epochs: positiveInteger
          .optional()
          .describe('A checkpoint after every so many epochs; 1 where both are absent'),
        steps: positiveInteger
          .optional()
          .describe('A checkpoint after every so many steps, instead of epochs'),
      })
      .refine(
        (every) => (every.epochs === undefined) !== (every.steps === undefined),
        'give either epochs or steps',
      )
      .default({ epochs: 1 })
      .describe('Checkpoints besides the last one'),
  })
  .prefault({});

/** One run, resolved: what `config.yaml` in a run's folder holds and what the run's hash is taken of. */
export const runConfigSchema = z.strictObject({
  seed: seedSchema.default(0).describe('Training seed: initial weights, order and augmentation'),
  data: dataSchema,
  model: modelSchema,
  training: trainingSchema,
  measure: measureSchema,
  fewshot: fewshotSchema,
  contents: z
    .record(z.string(), z.string().regex(/^[0-9a-f]{64}$/))
    .optional()
    .describe(
      "Written by the program into a run's config.yaml: SHA-256 of what each path in it holds. The run's hash has it in place of the path",
    ),
});

/** A file that a user writes: a run's keys, and how they vary. */
export const sweepFileSchema = runConfigSchema.extend({
  format: z.literal(1).optional().describe("The file's format; a run's config.yaml names it"),
  extends: z.string().optional().describe('Another file whose keys are taken first; one level deep'),
  name: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/)
    .optional()
    .describe("Folder under runs/; the file's name where absent"),
  sweep: sweepBlockSchema.optional(),
  slurm: slurmSchema.optional(),
});

export type RunConfig = z.infer<typeof runConfigSchema>;
export type SlurmConfig = z.infer<typeof slurmSchema>;
export type SweepFile = z.infer<typeof sweepFileSchema>;
