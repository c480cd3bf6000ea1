import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Precision } from '../backend/precision.ts';
import type { ImageSet, Normalization } from '../data/image-set.ts';
import { canonicalJson } from '../files/canonical-json.ts';
import { shortSha256 } from '../files/short-sha256.ts';
import { readNpz, writeNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';

/** All that embeddings are a function of. */
export interface CacheKey {
  /** SHA-256 of weights.safetensors, hex. */
  readonly weights: string;
  /** SHA-256 of the images as they are fed, hex. */
  readonly data: string;
  readonly split: string;
  readonly precision: Precision;
  readonly layer: string;
}

export interface CachedValues {
  /** [examples, dimension]. */
  readonly values: Float32Array;
  readonly dimension: number;
}

export type CacheOutcome = 'read' | 'written' | 'replaced' | 'not written';

/** `<checkpoint>/embeddings/<split>-<layer>-<12 hex digits of the key>.npz`. */
export function cachePath(checkpointFolder: string, key: CacheKey): string {
  const digest = shortSha256(canonicalJson(key));
  return join(checkpointFolder, 'embeddings', `${key.split}-${key.layer}-${digest}.npz`);
}

/**
 * The embeddings that the checkpoint's folder keeps under the key, or those that `compute` gives, which are then kept. A file
 * that is damaged, or holds another key or number of examples, is replaced; where the folder cannot be written nothing is kept.
 */
export async function cachedEmbeddings(
  checkpointFolder: string,
  key: CacheKey,
  examples: number,
  compute: () => Promise<CachedValues>,
): Promise<CachedValues & { readonly outcome: CacheOutcome }> {
  const path = cachePath(checkpointFolder, key);
  const there = existsSync(path);
  const kept = there ? readCache(path, key, examples) : null;
  if (kept !== null) return { ...kept, outcome: 'read' };
  const { values, dimension } = await compute();
  try {
    writeNpz(path, {
      embeddings: { shape: [examples, dimension], values },
      key: { shape: [1], values: [canonicalJson(key)] },
      sha256: { shape: [1], values: [sha256Of(values)] },
    });
  } catch (error) {
    // Only the file system's own refusals have a code.
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return { values, dimension, outcome: 'not written' };
  }
  return { values, dimension, outcome: there ? 'replaced' : 'written' };
}

function readCache(path: string, key: CacheKey, examples: number): CachedValues | null {
  try {
    const arrays = readNpz(path, { only: ['embeddings', 'key', 'sha256'] });
    const stored = arrays.get('embeddings');
    const values = stored?.values;
    const [count, dimension] = stored?.shape ?? [];
    if (!(values instanceof Float32Array) || count !== examples || dimension === undefined) return null;
    const isThis = arrays.get('key')?.values[0] === canonicalJson(key);
    const isWhole = arrays.get('sha256')?.values[0] === sha256Of(values);
    return isThis && isWhole ? { values, dimension } : null;
  } catch (error) {
    if (error instanceof InputError) return null;
    throw error;
  }
}

const sha256Of = (values: Float32Array): string =>
  createHash('sha256')
    .update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
    .digest('hex');

/** SHA-256 of what the network is fed: shape, images and normalisation; labels take no part in embeddings. */
export function fedSha256(set: ImageSet, { mean, std }: Normalization): string {
  const { height, width, channels, images } = set;
  return createHash('sha256')
    .update(canonicalJson({ height, width, channels, mean, std }))
    .update(images)
    .digest('hex');
}
