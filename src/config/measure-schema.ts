import { z } from 'zod';
import { dataKinds } from './data-kinds.ts';
import { positiveInteger, seedSchema } from './number-schemas.ts';
import { layersSchema, targetsSchema } from './places-schema.ts';

const sharpnessSchema = z.strictObject({
  adaptiveRho: z
    .number()
    .positive()
    .default(0.5)
    .describe(
      'Length of the step relative to the size of each weight. Sharpness is measured only where measure.sharpness is given; {} takes these defaults (docs/sharpness.md)',
    ),
  plainRho: z.number().positive().default(0.05).describe("Length of the step in the weights' units"),
  examples: positiveInteger
    .default(512)
    .describe('Training images, balanced over classes, drawn with measure.seed'),
});

/** The `measure` block of a config. */
export const measureSchema = z
  .strictObject({
    every: z.enum(['checkpoint', 'end']).default('checkpoint').describe('When to measure'),
    estimator: z
      .enum(['exact', 'hutchinson', 'outputs', 'masked'])
      .default('hutchinson')
      .describe(
        'How geometric complexity is computed: from all rows of the Jacobian (exact), random projections (hutchinson), sampled rows (outputs) or sampled entries (masked)',
      ),
    examples: positiveInteger
      .default(512)
      .describe('Examples for geometric complexity, balanced over classes, drawn with measure.seed'),
    probes: positiveInteger.default(1).describe('Probes per example; rows per example for outputs'),
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
        'Measuring ends once half of the 95 % interval is this share of the value; examples is then the cap',
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
        `What is measured beside the source's images: target and validation (this data set's held-out classes), or other data: a name, a name/part (train, test, validation, target), ${dataKinds}; where absent, target and what fewshot.split names`,
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
      .describe(
        'Examples per class, drawn with measure.seed, that neural collapse, loss, accuracy and geometric complexity are measured on; all where absent',
      ),
    sharpness: sharpnessSchema.optional(),
    precision: z
      .enum(['float32', 'bfloat16', 'auto'])
      .default('float32')
      .describe('Of the products with the Jacobian; embeddings are always float32'),
    seed: seedSchema.default(0).describe('Draws the examples and probes of the measures'),
  })
  .prefault({});
export const measureDefaults = measureSchema.parse({});

/** The estimators of geometric complexity that read an option; the others do nothing with it. */
export const estimatorsThatRead: Readonly<Record<EstimatorOption, readonly Estimator[]>> = {
  probes: ['hutchinson', 'outputs'],
  probeSpace: ['hutchinson'],
  distribution: ['hutchinson'],
  share: ['masked'],
};
export const estimatorOptions = Object.keys(estimatorsThatRead) as readonly EstimatorOption[];
type Estimator = (typeof measureDefaults)['estimator'];
export type EstimatorOption = 'probes' | 'probeSpace' | 'distribution' | 'share';
