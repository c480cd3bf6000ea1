import { integerLabels, numberLabels } from '../data/npz-source.ts';
import { formatShape, type NpyArray } from '../formats/npy.ts';
import { readNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import { checkEmbeddings } from '../measures/class-statistics.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { checkBaseMean } from './features.ts';

/** Embeddings with what an evaluation may need beside them. */
export interface LabelledEmbeddings {
  readonly embeddings: Embeddings;
  /** 1 for the data set's own test examples, on which `--shots all` tests; null where none are marked. */
  readonly isTest: Uint8Array | null;
  /** Mean embedding of the source classes, for `--centre base`; null where unknown. */
  readonly baseMean: Float64Array | null;
}

export interface EmbeddingsFile extends LabelledEmbeddings {
  /** Whether the file names its classes; they are numbered where it does not. */
  readonly hasNames: boolean;
  /** That the embeddings are stored in. */
  readonly precision: 'float16' | 'float32' | 'float64';
}

/**
 * Reads embeddings made anywhere: a .npz with `embeddings` [N, d] (floats), `labels` [N] (integers), and optionally `class_names`,
 * `is_test` [N] (booleans) and `base_mean` [d]. Labels without names are numbered in their order. Throws InputError of one line:
 * arrays that are missing or do not fit, values that are not finite.
 */
export function readEmbeddingsFile(path: string): EmbeddingsFile {
  const arrays = readNpz(path, {
    only: ['embeddings', 'labels', 'class_names', 'is_test', 'base_mean'],
    required: ['embeddings', 'labels'],
  });
  const stored = arrays.get('embeddings')!;
  const labels = arrays.get('labels')!;
  const [count, dimension] = stored.shape as [number, number];
  if (stored.shape.length !== 2 || count === 0 || dimension === 0)
    throw new InputError(`${path}: embeddings: expected [N, d], found ${formatShape(stored.shape)}`);
  expectShape(labels, [count], `${path}: labels`, 'one an embedding');
  const embeddings = {
    values: floats(stored, `${path}: embeddings`),
    dimension,
    ...numberLabels(integerLabels(labels, path), arrays.get('class_names'), path),
  };
  try {
    checkEmbeddings(embeddings);
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${path}: ${error.message}`) : error;
  }
  const isTest = arrays.get('is_test');
  const baseMean = arrays.get('base_mean');
  if (isTest !== undefined) expectShape(isTest, [count], `${path}: is_test`, 'one an embedding');
  if (baseMean !== undefined)
    expectShape(baseMean, [dimension], `${path}: base_mean`, "the embeddings' dimension");
  const mean = baseMean === undefined ? null : Float64Array.from(floats(baseMean, `${path}: base_mean`));
  if (mean !== null) checkBaseMean(mean, `${path}: base_mean`);
  return {
    embeddings,
    precision: precisionOf(stored),
    hasNames: arrays.has('class_names'),
    isTest: isTest === undefined ? null : flags(isTest, `${path}: is_test`),
    baseMean: mean,
  };
}

const precisionOf = (stored: NpyArray): EmbeddingsFile['precision'] => {
  if (stored.values instanceof Float64Array) return 'float64';
  return 'isHalf' in stored && stored.isHalf === true ? 'float16' : 'float32';
};

/** Throws InputError for an array of another shape. */
export function expectShape(
  { shape }: NpyArray,
  wanted: readonly number[],
  where: string,
  what: string,
): void {
  if (formatShape(shape) !== formatShape(wanted))
    throw new InputError(`${where}: expected ${formatShape(wanted)}, ${what}, found ${formatShape(shape)}`);
}

/** Throws InputError for an array of another type. */
export function floats({ values }: NpyArray, where: string): Float32Array | Float64Array {
  if (values instanceof Float32Array || values instanceof Float64Array) return values;
  throw new InputError(`${where}: expected floats, found another type`);
}

function flags({ dtype, values }: NpyArray, where: string): Uint8Array {
  if (dtype === 'number' && values.every((value) => value === 0 || value === 1))
    return Uint8Array.from(values);
  throw new InputError(`${where}: expected booleans, or 0 and 1`);
}
