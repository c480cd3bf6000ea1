import { z } from 'zod';
import { seedLimit } from '../random/random.ts';

/** Limits are asked before memory is taken: more than any study needs, less than any machine holds. */
const countLimit = 10_000_000;
export const positiveInteger = z.int().positive().max(countLimit);
/** Pixels on a side, and channels of a first stage. */
export const sizeInteger = z.int().positive().max(4096);
export const episodeLimit = 1_000_000;
export const runLimit = 100_000;
/** Seeds are hashed as 32 bits: two that differ by 2^32 would give equal runs. */
export const seedSchema = z.int().min(0).max(seedLimit);
