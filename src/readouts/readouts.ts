import { cosine } from './cosine.ts';
import { knn } from './knn.ts';
import { logistic } from './logistic.ts';
import { nearestMean } from './nearest-mean.ts';
import type { Readout } from './readout.ts';
import type { ReadoutOptionName } from './readout-options.ts';
import { ridge } from './ridge.ts';

/** Every readout of embeddings by its name in configs, on the command line and in records. */
const rows = {
  logistic,
  'nearest-mean': nearestMean,
  cosine,
  ridge,
  knn,
} as const satisfies Readonly<Record<string, Readout>>;

export type ReadoutName = keyof typeof rows;
export const readouts: Readonly<Record<ReadoutName, Readout>> = rows;
export const readoutNames = Object.keys(rows) as readonly ReadoutName[];

/** The readouts that read an option. */
export const readoutsThatRead = (option: ReadoutOptionName): readonly ReadoutName[] =>
  readoutNames.filter((name) => readouts[name].options.includes(option));

/** Readouts that need images and the network: embeddings in a file have none. */
export const imageReadoutNames = ['fine-tune'] as const;
export type ImageReadoutName = (typeof imageReadoutNames)[number];
