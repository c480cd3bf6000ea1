import { z } from 'zod';

/** A readout's name in records: reports name files after it, so that it can be no path. */
const readoutNamePattern = /^[a-z][a-z0-9-]{0,63}$/;

const resultSchema = z.object({
  shots: z.number(),
  readout: z.string().regex(readoutNamePattern, 'is no name of a readout'),
  accuracy: z.number(),
  /** Student's, over episodes, never over training seeds. */
  ci95: z.tuple([z.number(), z.number()]).readonly(),
  /** Where they are fewer than the record's: the first ones of the list. */
  episodes: z.number().optional(),
  /** Fits that ended before their minimum; absent in records of before 2026-11-25, as the next key. */
  unconverged: z.number().optional(),
  /** The options that the readout read, such as scikit-learn's C; absent where it has none. */
  regularization: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
});

/** Few-shot accuracy in a checkpoint's line of metrics.jsonl. */
export const fewshotRecordSchema = z.object({
  split: z.enum(['validation', 'target']),
  ways: z.number(),
  queries: z.number(),
  episodes: z.number(),
  chance: z.number(),
  seed: z.number().optional(),
  /** What was done to the embeddings before the readouts; nothing where absent. */
  features: z.object({ centre: z.enum(['none', 'support', 'base']), normalize: z.boolean() }).optional(),
  /** True where no image is in two episodes: the interval then holds for new images of these classes. */
  disjoint: z.boolean().optional(),
  /** Augmented copies that stand for each support; the supports themselves where absent. */
  augmentedSupports: z.number().optional(),
  results: z.array(resultSchema).readonly(),
});

/** The same on another set, or of another output of the network; `set` is the target's name in the config. */
export const fewshotElsewhereSchema = fewshotRecordSchema.omit({ split: true }).extend({
  set: z.string(),
  layer: z.string(),
  pooling: z.enum(['average', 'none']),
});

export type FewshotResult = Readonly<z.infer<typeof resultSchema>>;
export type FewshotRecord = Readonly<z.infer<typeof fewshotRecordSchema>>;
export type FewshotElsewhere = Readonly<z.infer<typeof fewshotElsewhereSchema>>;
