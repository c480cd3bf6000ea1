import { z } from 'zod';
import type { Precision } from '../backend/precision.ts';
import type { Estimate } from '../statistics/student-interval.ts';
import { type MeasureKey, measureRows } from './measure-rows.ts';

/**
 * What measures leave in metrics.jsonl. Reading takes null where JSON lost a number, and is deaf to keys that it does not
 * know: older and newer runs are read too. Nothing here depends on the clock.
 */
const quantitySchema = z.number().nullable();
const intervalSchema = z.tuple([z.number(), z.number()]).readonly().nullable();
const optional = quantitySchema.optional().transform((value) => value ?? null);

export interface GeometricComplexityRecord extends Estimate {
  readonly estimator: 'exact' | 'hutchinson' | 'outputs' | 'masked';
  readonly examples: number;
  /** How many the split has: the interval is about their mean. */
  readonly ofExamples: number;
  /** Probes per example; rows of the Jacobian for `exact`, `outputs` and `masked`. */
  readonly probes: number;
  readonly probeSpace?: 'output' | 'input';
  readonly distribution?: 'rademacher' | 'gaussian' | 'sphere';
  /** Of the Jacobian's entries, for `masked`. */
  readonly share?: number;
  readonly inputSpace: 'normalized' | 'pixel';
  readonly layer: string;
  /** The linear layer that reads it, by name; absent where none does, and in records of before 2026-11-26. */
  readonly readBy?: string;
  readonly dimension: number;
  readonly precision: Precision;
  readonly seed: number;
  /** Where one was asked for: half of the 95 % interval as a share of the value. Null without an interval. */
  readonly relativeError?: { readonly asked: number; readonly reached: number | null };
}

const geometricComplexitySchema = z.object({
  value: quantitySchema,
  standardError: quantitySchema,
  ci95: intervalSchema,
  estimator: z.string(),
  examples: z.number(),
  probes: z.number(),
  inputSpace: z.string(),
  layer: z.string(),
  readBy: z.string().optional(),
  dimension: z.number(),
  precision: z.string(),
});

const measureShape = Object.fromEntries(measureRows.map(({ key }) => [key, optional])) as Record<
  MeasureKey,
  typeof optional
>;
/** How geometric collapse was estimated, the class means held fixed. */
const collapseSchema = z.object({
  standardError: quantitySchema,
  ci95: intervalSchema,
  examples: z.number(),
});
/** How directional geometric collapse was estimated. */
const directionalSchema = collapseSchema.extend({ pairs: z.number() });
const measuredSchema = z.object({
  examples: z.number(),
  classes: z.number(),
  balanced: z.boolean(),
  ...measureShape,
  /** Absent in records of before 2026-11-26. */
  geometricCollapseEstimate: collapseSchema.optional(),
  geometricCollapseDirectionalEstimate: directionalSchema.optional(),
  /** Why a quantity is null, by key. */
  undefinedBecause: z.record(z.string(), z.string()).optional(),
  /** Keys that a record of an older version has not; made when it is read, never written. */
  notRecorded: z.array(z.string()).optional(),
});
const neuralCollapseSchema = z.preprocess((raw) => {
  if (typeof raw !== 'object' || raw === null) return raw;
  const notRecorded = measureRows.map(({ key }) => key).filter((key) => !(key in raw));
  return notRecorded.length > 0 ? { ...raw, notRecorded } : raw;
}, measuredSchema);
/** Null where a quantity is undefined; `undefinedBecause` then says why, by key. */
export type NeuralCollapseRecord = z.infer<typeof measuredSchema>;

/** How a measure that is estimated from examples was; undefined for measures of the embeddings alone. */
export const collapseEstimateOf = (
  { geometricCollapseEstimate, geometricCollapseDirectionalEstimate }: NeuralCollapseRecord,
  key: MeasureKey,
) =>
  key === 'geometricCollapse'
    ? geometricCollapseEstimate
    : key === 'geometricCollapseDirectional'
      ? geometricCollapseDirectionalEstimate
      : undefined;

/** The classifier by nearest class mean: means of the training examples, error on the test examples. */
const nearestMeanSchema = z.object({
  error: optional,
  /** Mean over classes, which the bounds are of; absent in records of before 2026-11-27. */
  errorOverClasses: quantitySchema.optional(),
  /** Test examples. */
  examples: z.number(),
  /** 4 (k-1) CDNV of the training examples; above 1 it says nothing. */
  cdnvBound: optional,
  /** 4 (k-1) geometric collapse: the bound is this times the classes' Poincare constant rho, which is not known. */
  geometricCollapseBoundPerRho: optional,
  /** What rho is at least: see poincare-floor.ts, exact or with 95 % confidence. */
  poincareFloor: optional,
});
export type NearestMeanRecord = z.infer<typeof nearestMeanSchema>;

export const splitSchema = z.object({
  split: z.enum(['sourceTrain', 'sourceTest', 'validation', 'target']),
  loss: quantitySchema,
  accuracy: quantitySchema,
  geometricComplexity: geometricComplexitySchema,
  neuralCollapse: neuralCollapseSchema,
  /** With `sourceTest`. */
  nearestMean: nearestMeanSchema.optional(),
});
export type SplitLine = z.infer<typeof splitSchema>;
/** The same as it is written: what geometric complexity was measured with is whole. */
export interface SplitMeasures extends Omit<SplitLine, 'geometricComplexity' | 'nearestMean'> {
  readonly geometricComplexity: GeometricComplexityRecord;
  readonly nearestMean?: NearestMeanRecord;
}

/**
 * What else a config asks for: another output of the network, another set of images, or both. `set` is a split's name or that of the
 * target in the config.
 */
export const elsewhereSchema = splitSchema.omit({ split: true }).extend({
  set: z.string(),
  layer: z.string(),
  /** How a layer becomes one vector per example: a feature map by the mean over its positions. */
  pooling: z.enum(['average', 'none']),
  /** Of the feature map as it is, where the config asks for it. */
  geometricComplexityUnpooled: geometricComplexitySchema.optional(),
});
export type ElsewhereLine = z.infer<typeof elsewhereSchema>;
/** The same as it is written. */
export interface ElsewhereMeasures
  extends Omit<SplitMeasures, 'split'>,
    Pick<ElsewhereLine, 'set' | 'layer' | 'pooling'> {
  readonly geometricComplexityUnpooled?: GeometricComplexityRecord;
}

/** How much the source's training loss rises one ascent step away: see docs/sharpness.md. */
export const sharpnessSchema = z.object({
  kind: z.enum(['adaptive', 'plain']),
  /** Length of the step. */
  rho: z.number(),
  examples: z.number(),
  /** How many training images the source has. */
  ofExamples: z.number().optional(),
  seed: z.number().optional(),
  precision: z.literal('float32').optional(),
  /** Mean loss of the examples at the weights themselves, nat. */
  loss: quantitySchema,
  /** Mean loss after the step less `loss`. The interval is over examples, the step held fixed. */
  value: quantitySchema,
  standardError: quantitySchema,
  ci95: intervalSchema,
  undefinedBecause: z.string().optional(),
  /** Rise of the loss per unit of rho at the start of the step: what `value` is, to first order, divided by rho. */
  slope: quantitySchema,
});
export type SharpnessRecord = z.infer<typeof sharpnessSchema>;
