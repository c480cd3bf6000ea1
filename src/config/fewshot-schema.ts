import { z } from 'zod';
import {
  defaultReadoutOptions,
  type ReadoutOptionName,
  readoutOptionNames,
  readoutOptionSchemas,
} from '../readouts/readout-options.ts';
import { imageReadoutNames, readoutNames } from '../readouts/readouts.ts';
import { episodeLimit, positiveInteger, seedSchema } from './number-schemas.ts';
import { layersSchema, targetsSchema } from './places-schema.ts';

const rate = z.number().positive();
const fineTuneSchema = z.strictObject({
  episodes: z
    .int()
    .min(2)
    .max(episodeLimit)
    .default(20)
    .describe('fine-tune: how many of the episodes that all readouts share, the first ones'),
  steps: positiveInteger.default(100).describe('fine-tune: steps of plain SGD on the supports'),
  headRate: rate.default(0.01).describe("fine-tune: the new classifier's learning rate"),
  bodyRate: rate.default(0.001).describe('fine-tune: the learning rate of all before it'),
  batchSize: positiveInteger.default(128).describe('fine-tune: supports per step, at most'),
});
export const fineTuneDefaults = fineTuneSchema.parse({});

const readoutKeys = Object.fromEntries(
  readoutOptionNames.map((name) => {
    const schema = readoutOptionSchemas[name];
    const meaning = `${schema.description}; ${defaultReadoutOptions[name]} where absent`;
    return [name, schema.optional().describe(meaning)];
  }),
) as unknown as { [Name in ReadoutOptionName]: z.ZodOptional<(typeof readoutOptionSchemas)[Name]> };

/** Few-shot evaluation of a run. Keys without a default are left out of a config that does not name them, and of its hash. */
export const fewshotSchema = z
  .strictObject({
    ways: z
      .union([z.int().min(2), z.literal('all')])
      .default(5)
      .describe('Classes of an episode; all: every class'),
    shots: z.array(positiveInteger).min(1).default([5]).describe('Support examples per class'),
    queries: positiveInteger.default(15).describe('Queries per class'),
    episodes: z
      .int()
      .min(2)
      .max(episodeLimit)
      .default(1000)
      .describe('How many are drawn; the same ones for every checkpoint'),
    disjoint: z
      .boolean()
      .optional()
      .describe(
        'true: no image is in two episodes, and episodes is the most that are drawn; intervals then hold for new images; false where absent',
      ),
    readouts: z
      .array(z.enum([...readoutNames, ...imageReadoutNames]))
      .min(1)
      .default(['logistic', 'nearest-mean'])
      .describe(
        'fine-tune, which goes beside another readout, trains the whole network anew in each of its few episodes (fewshot.fineTune); --dry-run says what that costs',
      ),
    fineTune: fineTuneSchema.optional(),
    centre: z
      .enum(['none', 'support', 'base'])
      .optional()
      .describe(
        "Subtracts the mean of each episode's supports, or of the source's training images; none where absent",
      ),
    normalize: z
      .boolean()
      .optional()
      .describe('true scales features to length 1, after centring; false where absent'),
    ...readoutKeys,
    augmentedSupports: positiveInteger
      .optional()
      .describe(
        'Each support is this many copies by data.augmentation, instead of itself; the supports themselves where absent',
      ),
    split: z
      .enum(['validation', 'target'])
      .default('target')
      .describe('Classes that episodes are drawn from'),
    targets: targetsSchema
      .optional()
      .describe(
        'Sets that episodes are drawn from, instead of fewshot.split: as measure.targets; [target] where absent',
      ),
    layers: layersSchema
      .optional()
      .describe(
        'Outputs that readouts see: as measure.layers, feature maps by the mean over positions; [embedding] where absent',
      ),
    seed: seedSchema.default(0).describe('Draws the episodes'),
  })
  .prefault({});
export const fewshotDefaults = fewshotSchema.parse({});
type Fewshot = z.infer<typeof fewshotSchema>;

/** The sets that episodes are drawn from, by their names. */
export const episodeSets = ({ targets, split }: Pick<Fewshot, 'targets' | 'split'>): readonly string[] =>
  targets ?? [split];

/** Whether the validation classes choose a penalty: the logistic readout's, for each number of shots. */
export const choosesPenalty = ({
  C,
  readouts,
}: {
  readonly C?: number | 'auto' | undefined;
  readonly readouts: readonly string[];
}): boolean => C === 'auto' && readouts.includes('logistic');
