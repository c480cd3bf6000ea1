import { hashName, permutation, randomStream } from '../random/random.ts';

const purpose = hashName('order');

/** The order in which an epoch visits `count` examples: a permutation, a pure function of seed and epoch. */
export const epochOrder = (count: number, seed: number, epoch: number): Int32Array =>
  permutation(count, randomStream(purpose, seed, epoch));
