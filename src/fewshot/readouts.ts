import type { ReadoutName } from '../config/readout-names.ts';
import type { Readout } from './readout.ts';
import { cosine } from './readouts/cosine.ts';
import { knn } from './readouts/knn.ts';
import { logistic } from './readouts/logistic.ts';
import { nearestMean } from './readouts/nearest-mean.ts';
import { ridge } from './readouts/ridge.ts';

/** Every readout by its name in configs, on the command line and in records. */
export const readouts: Readonly<Record<ReadoutName, Readout>> = {
  logistic,
  'nearest-mean': nearestMean,
  cosine,
  ridge,
  knn,
};
