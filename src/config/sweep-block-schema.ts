import { z } from 'zod';
import { runLimit, seedSchema } from './number-schemas.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const value = z.union([scalar, z.array(scalar), z.record(z.string(), z.union([scalar, z.array(scalar)]))]);

const distributionSchema = z.union([
  z.strictObject({ choice: z.array(value).min(1) }),
  z.strictObject({ uniform: z.tuple([z.number(), z.number()]) }),
  z.strictObject({ logUniform: z.tuple([z.number().positive(), z.number().positive()]) }),
  z.strictObject({ integer: z.tuple([z.int(), z.int()]) }),
]);

export const randomSchema = z.strictObject({
  n: z.int().positive().max(runLimit).describe('How many combinations are drawn'),
  seed: seedSchema.describe('Of the draws; a larger n keeps those of a smaller one'),
  keys: z
    .record(z.string(), distributionSchema)
    .describe('choice: [a, b], uniform: [low, high], logUniform: [low, high] or integer: [low, high]'),
});

/** How runs vary: the blocks multiply with each other, then `exclude` removes, then `seeds` crosses what is left. */
export const sweepBlockSchema = z.strictObject({
  grid: z
    .record(z.string(), z.array(value).min(1))
    .optional()
    .describe("Cartesian product of the keys' values"),
  zip: z
    .record(z.string(), z.array(value).min(1))
    .optional()
    .describe('Keys whose values go together, position by position'),
  list: z.array(z.record(z.string(), value)).min(1).optional().describe('Explicit sets of values'),
  random: randomSchema.optional().describe('n different draws, seeded'),
  exclude: z
    .array(z.record(z.string(), value))
    .optional()
    .describe('Combinations left out: every key given must match'),
  seeds: z.array(seedSchema).min(1).optional().describe('Training seeds, crossed with all of the above'),
});

export type RandomBlock = z.infer<typeof randomSchema>;
export type SweepBlock = z.infer<typeof sweepBlockSchema>;
