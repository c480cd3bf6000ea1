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
});
export type EpochRecord = z.infer<typeof epochSchema>;
