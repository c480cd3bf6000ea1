import { resolve } from 'node:path';
import { sharedNames } from '../data/class-names.ts';
import { InputError } from '../input-error.ts';
import type { Embeddings } from '../measures/embeddings.ts';
import { type EmbeddingsFile, readEmbeddingsFile } from './embeddings-file.ts';

/**
 * Embeddings of validation classes from a file, to choose a penalty for those of another. Throws InputError where they do not fit, or
 * where classes or embeddings of the one are in the other: what is reported may not choose.
 */
export function readValidationFile(
  path: string,
  reported: { readonly path: string; readonly file: EmbeddingsFile },
): Embeddings {
  const where = `--validation ${path}`;
  const { embeddings, hasNames } = readEmbeddingsFile(path);
  const { embeddings: tested, hasNames: testedHasNames } = reported.file;
  if (embeddings.dimension !== tested.dimension)
    throw new InputError(
      `${where}: embeddings of dimension ${embeddings.dimension}; those of ${reported.path} have ${tested.dimension}`,
    );
  const remedy = 'give embeddings of other classes';
  // Numbers stand for classes without names: equal ones may mean different classes.
  const shared = hasNames && testedHasNames ? sharedNames(embeddings.classNames, tested.classNames) : [];
  if (shared.length > 0)
    throw new InputError(
      `${where}: ${shared.length} of its classes are in ${reported.path} too (${shared[0]}); ${remedy}`,
    );
  if (resolve(path) === resolve(reported.path) || isSame(embeddings.values, tested.values))
    throw new InputError(`${where}: holds the embeddings of ${reported.path}; ${remedy}`);
  return embeddings;
}

const isSame = (one: Embeddings['values'], other: Embeddings['values']): boolean =>
  one.length === other.length && one.every((value, at) => value === other[at]);
