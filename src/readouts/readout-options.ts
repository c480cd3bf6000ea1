import { z } from 'zod';

const positive = z.number().positive();

/** Options of readouts by their names in configs and on the command line: one row per option, and its default below. */
export const readoutOptionSchemas = {
  C: z
    .union([positive, z.literal('auto')])
    .describe("logistic: scikit-learn's C, or auto: the best on the validation classes"),
  alpha: positive.describe("ridge: scikit-learn's alpha"),
  k: z.int().positive().max(10_000_000).describe('knn: neighbours that vote'),
  metric: z.enum(['euclidean', 'cosine']).describe('knn: what near means, euclidean or cosine'),
} as const;

type Schemas = typeof readoutOptionSchemas;
export type ReadoutOptionName = keyof Schemas;
type Requested = { readonly [Name in ReadoutOptionName]: z.infer<Schemas[Name]> };

/** Options as users give them: C may be left to the validation classes. */
export type RequestedOptions = Partial<Requested>;

/** Options as readouts read them. C weighs the loss against 1/2 ||w||^2. */
export type ReadoutOptions = Omit<Requested, 'C'> & { readonly C: number };

export const defaultReadoutOptions: ReadoutOptions = { C: 1, alpha: 1, k: 1, metric: 'euclidean' };

export const readoutOptionNames = Object.keys(readoutOptionSchemas) as readonly ReadoutOptionName[];

/** The options of readouts among other values, without those that are absent. */
export const requestedOptionsIn = (
  values: Readonly<Partial<Record<ReadoutOptionName, unknown>>>,
): RequestedOptions =>
  Object.fromEntries(
    readoutOptionNames.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  );
