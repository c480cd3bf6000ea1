import { z } from 'zod';

const quantity = z.number().nullable();

/** What training leaves in metrics.jsonl after each epoch: means over its steps. Null where JSON lost a number. */
export const epochSchema = z.object({
  kind: z.literal('epoch'),
  epoch: z.number(),
  step: z.number(),
  trainLoss: quantity,
  trainAccuracy: quantity,
  learningRate: quantity,
  /** Squared norm of the batch loss's gradient: absent from older versions' lines. */
  gradientSquaredNorm: quantity.optional().transform((value) => value ?? null),
});
export type EpochRecord = z.infer<typeof epochSchema>;

/** The numbers of an epoch, as exports name them. */
export const epochQuantities = ({
  trainLoss,
  trainAccuracy,
  learningRate,
  gradientSquaredNorm,
}: EpochRecord) => ({
  trainLoss,
  trainAccuracy,
  learningRate,
  gradientSquaredNorm,
});
