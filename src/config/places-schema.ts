import { z } from 'zod';

/** Where embeddings are taken: sets of images, and outputs of the network. */
const name = z.string().min(1).max(4096);
export const targetsSchema = z.array(name).min(1).max(64);
export const layersSchema = z.array(name).min(1).max(64);
