import { z } from 'zod';
import { seedLimit } from '../random/random.ts';

export const positiveInteger = z.int().positive();
/** Seeds are hashed as 32 bits: two that differ by 2^32 would give equal runs. */
export const seedSchema = z.int().min(0).max(seedLimit);
