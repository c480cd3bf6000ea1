import { z } from 'zod';
import {
  type FewshotElsewhere,
  type FewshotRecord,
  fewshotElsewhereSchema,
  fewshotRecordSchema,
} from '../fewshot/record.ts';
import {
  type ElsewhereMeasures,
  elsewhereSchema,
  type SharpnessRecord,
  type SplitMeasures,
  sharpnessSchema,
  splitSchema,
} from '../measures/record.ts';
import { epochSchema } from '../training/record.ts';

/**
 * The lines of a run's `metrics.jsonl`: each stage's own record, joined. Nothing here depends on the clock, so that a resumed run
 * writes the same bytes as an undisturbed one; times and rates are in `log.jsonl`.
 */
const checkpointSchema = z.object({
  kind: z.literal('checkpoint'),
  epoch: z.number(),
  step: z.number(),
  /** True for the checkpoint that ends the run. */
  final: z.boolean(),
  /** Null before the first step, and where an older version made some of the steps; absent from such a version's lines. */
  pathFlatness: z.number().nullable().optional(),
  measures: z.array(splitSchema),
  /** Where the config asks for it, by each kind of step. */
  sharpness: z.array(sharpnessSchema).optional(),
  fewshot: fewshotRecordSchema.nullable(),
  /** Where the config asks for further layers or targets. */
  elsewhere: z
    .object({ measures: z.array(elsewhereSchema), fewshot: z.array(fewshotElsewhereSchema) })
    .optional(),
});

/** A line as it is read: null where JSON lost a number, deaf to keys that it does not know. */
export const metricsLineSchema = z.discriminatedUnion('kind', [epochSchema, checkpointSchema]);
export type EpochLine = z.infer<typeof epochSchema>;
export type CheckpointLine = z.infer<typeof checkpointSchema>;

/** A checkpoint's line as it is written. */
export interface CheckpointRecord
  extends Omit<CheckpointLine, 'measures' | 'sharpness' | 'fewshot' | 'elsewhere'> {
  readonly measures: readonly SplitMeasures[];
  readonly sharpness?: readonly SharpnessRecord[];
  readonly fewshot: FewshotRecord | null;
  readonly elsewhere?: {
    readonly measures: readonly ElsewhereMeasures[];
    readonly fewshot: readonly FewshotElsewhere[];
  };
}
