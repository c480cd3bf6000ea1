import { z } from 'zod';
import { fewshotRecordSchema } from '../fewshot/record.ts';

/**
 * The lines of metrics.jsonl as the report reads them: what src/pipeline/records.ts writes, but with null where a number may
 * be missing (JSON has no NaN), and deaf to keys that it does not know, so that newer and older runs are read too.
 */
const quantity = z.number().nullable();
const interval = z.tuple([z.number(), z.number()]).nullable();
const optionalQuantity = quantity.optional().transform((value) => value ?? null);

const geometricComplexitySchema = z.object({
  value: quantity,
  standardError: quantity,
  ci95: interval,
  estimator: z.string(),
  examples: z.number(),
  probes: z.number(),
  inputSpace: z.string(),
  layer: z.string(),
  dimension: z.number(),
  precision: z.string(),
});

const neuralCollapseSchema = z.object({
  examples: z.number(),
  classes: z.number(),
  balanced: z.boolean(),
  cdnv: optionalQuantity,
  geometricCollapse: optionalQuantity,
  nc1: optionalQuantity,
  nc2Equinorm: optionalQuantity,
  nc2EquiangularStd: optionalQuantity,
  nc2MaxAngle: optionalQuantity,
  nc3SelfDuality: optionalQuantity,
  nc4Disagreement: optionalQuantity,
  cdnvBiasCorrected: optionalQuantity,
  simplexEtfError: optionalQuantity,
  undefinedBecause: z.record(z.string(), z.string()).optional(),
});

const nearestMeanSchema = z.object({
  error: optionalQuantity,
  examples: z.number(),
  cdnvBound: optionalQuantity,
  geometricCollapseBoundPerRho: optionalQuantity,
  poincareFloor: optionalQuantity,
});

const splitSchema = z.object({
  split: z.enum(['sourceTrain', 'sourceTest', 'validation', 'target']),
  loss: quantity,
  accuracy: quantity,
  geometricComplexity: geometricComplexitySchema,
  neuralCollapse: neuralCollapseSchema,
  nearestMean: nearestMeanSchema.optional(),
});

const sharpnessSchema = z.object({
  kind: z.string(),
  rho: z.number(),
  examples: z.number(),
  loss: quantity,
  value: quantity,
  standardError: quantity,
  ci95: interval,
  slope: quantity,
});

const epochSchema = z.object({
  kind: z.literal('epoch'),
  epoch: z.number(),
  step: z.number(),
  trainLoss: quantity,
  trainAccuracy: quantity,
  learningRate: quantity,
});

const checkpointSchema = z.object({
  kind: z.literal('checkpoint'),
  epoch: z.number(),
  step: z.number(),
  final: z.boolean(),
  measures: z.array(splitSchema),
  sharpness: z.array(sharpnessSchema).optional(),
  fewshot: fewshotRecordSchema.nullable(),
});

export const metricsLineSchema = z.discriminatedUnion('kind', [epochSchema, checkpointSchema]);
export type EpochLine = z.infer<typeof epochSchema>;
export type CheckpointLine = z.infer<typeof checkpointSchema>;
export type SplitLine = z.infer<typeof splitSchema>;
export type SplitName = SplitLine['split'];
