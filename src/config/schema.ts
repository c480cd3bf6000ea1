import { z } from 'zod';
import { meaningOf, modelNames } from '../models/models.ts';
import { augmentationKeys } from './augmentation-schema.ts';
import { fewshotSchema } from './fewshot-schema.ts';
import { positiveInteger, seedSchema, sizeInteger } from './number-schemas.ts';
import { layersSchema, targetsSchema } from './places-schema.ts';
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
        'Data set: a name of gcnc data list, such as glyphs (drawn by the program) or cifar-100; a folder of images or Parquet files, a file.npz or a file.parquet',
      ),
    split: z
      .string()
      .default('auto')
      .describe(
        "Class split into source, validation and target classes: auto (the data set's own), none, cifar-fs, fc100, or a file.yaml",
      ),
    perClass: positiveInteger
      .optional()
      .describe('Training images a source class, drawn with the seed 0; all where absent'),
    ...augmentationKeys,
    imageSize: sizeInteger
      .optional()
      .describe(
        'Pixels a side: what image folders are resized to (they need it), at what size glyphs are drawn (32 where absent); 32 gives MNIST a black border',
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
    name: z.enum(modelNames).default('resnet18'),
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
        'End after the first epoch whose mean training loss is at or below this; epochs is then the cap',
      ),
    batchSize: positiveInteger.default(128),
    learningRate: z.number().positive().default(0.05),
    momentum: z.number().min(0).lt(1).default(0.9),
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
      .describe('Adds this times the geometric complexity of the embedding to the loss'),
    labelSmoothing: z.number().min(0).lt(1).default(0),
    schedule: scheduleSchema,
    precision: z
      .enum(['float32', 'tf32', 'bfloat16', 'auto'])
      .default('float32')
      .describe(
        'Convolutions and activations; weights, statistics, loss and optimizer stay float32. tf32: float32 whose products an NVIDIA card rounds to ten bits; on a GPU only',
      ),
    checkpointEvery: z
      .strictObject({ epochs: positiveInteger.optional(), steps: positiveInteger.optional() })
      .refine(
        (every) => (every.epochs === undefined) !== (every.steps === undefined),
        'give either epochs or steps',
      )
      .default({ epochs: 1 })
      .describe('Checkpoints besides the last one'),
  })
  .prefault({});

const sharpnessSchema = z.strictObject({
  adaptiveRho: z
    .number()
    .positive()
    .default(0.5)
    .describe(
      'Length of the step relative to the size of each weight. Sharpness is measured where `measure.sharpness` is given ({} for these): docs/sharpness.md',
    ),
  plainRho: z.number().positive().default(0.05).describe("Length of the step in the weights' units"),
  examples: positiveInteger
    .default(512)
    .describe('Training images, balanced over classes, drawn with measure.seed'),
});

const measureSchema = z
  .strictObject({
    every: z.enum(['checkpoint', 'end']).default('checkpoint').describe('When to measure'),
    estimator: z
      .enum(['exact', 'hutchinson', 'outputs', 'masked'])
      .default('hutchinson')
      .describe(
        'Of geometric complexity: all Jacobian rows, random projections, sampled rows, sampled entries',
      ),
    examples: positiveInteger
      .default(512)
      .describe('Examples for geometric complexity, balanced over classes, drawn with measure.seed'),
    probes: positiveInteger.default(1).describe('Probes an example; rows an example for outputs'),
    probeSpace: z
      .enum(['output', 'input'])
      .default('output')
      .describe("hutchinson: probes in the embedding's space (reverse mode) or the images' (forward mode)"),
    distribution: z
      .enum(['rademacher', 'gaussian', 'sphere'])
      .default('rademacher')
      .describe('hutchinson: of the probes'),
    share: z.number().positive().max(1).default(0.1).describe("masked: share of the Jacobian's entries"),
    relativeError: z
      .number()
      .positive()
      .optional()
      .describe(
        "Ends once the 95 % interval's half-width is this share of the value; examples is then the cap",
      ),
    inputSpace: z
      .enum(['normalized', 'pixel'])
      .default('normalized')
      .describe('Units of the inputs: as the network is fed, or pixels from 0 to 1'),
    directionalPairs: z
      .int()
      .nonnegative()
      .optional()
      .describe(
        'Other classes per example, drawn, for directional geometric collapse: one product each; 2 where absent, 0 for none',
      ),
    targets: targetsSchema
      .optional()
      .describe(
        "What is measured beside the source's images: target and validation (this data set's held-out classes), or other data: a name, a name/part (train, test, validation, target), a file.npz, a folder of images; where absent, target and what fewshot.split names",
      ),
    layers: layersSchema
      .optional()
      .describe(
        'Outputs that are measured: embedding, logits, stages such as layer3; a feature map by the mean over its positions; [embedding] where absent',
      ),
    unpooledComplexity: z
      .boolean()
      .optional()
      .describe(
        'true also measures geometric complexity of each feature map in measure.layers as it is, without the mean over positions; false where absent',
      ),
    collapseExamples: positiveInteger
      .optional()
      .describe('Examples a class for neural collapse; all where absent'),
    sharpness: sharpnessSchema.optional(),
    precision: z.enum(['float32', 'bfloat16', 'auto']).default('float32'),
    seed: seedSchema.default(0),
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
