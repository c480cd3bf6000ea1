import { realpathSync } from 'node:fs';
import { relative, sep } from 'node:path';
import { InputError } from '../input-error.ts';

/**
 * What gives the real path of a file or folder in a data folder, for who gets data of others may be handed a link to a file of their own. Throws
 * InputError for a link to nowhere and for one that leads out of the folder. A snapshot in Hugging Face's cache may lead to its blobs.
 */
export function realPathsWithin(folder: string): (path: string) => string {
  const root = realpathSync(folder);
  const blobs = blobsOf(root);
  return (path) => {
    let real: string;
    try {
      real = realpathSync(path);
    } catch {
      throw new InputError(`${path}: is a link to nowhere`);
    }
    if (!isWithin(root, real) && (blobs === null || !isWithin(blobs, real)))
      throw new InputError(`${path}: leads out of ${root}`);
    return real;
  };
}

/** `<repository>/blobs` of a folder in `<repository>/snapshots/<commit>`, as huggingface_hub lays its cache out; null for another folder. */
function blobsOf(root: string): string | null {
  const repository = /^(.+)\/snapshots\/[0-9a-f]{40}(\/|$)/.exec(root)?.[1];
  return repository === undefined ? null : `${repository}/blobs`;
}

const isWithin = (root: string, real: string): boolean => {
  const way = relative(root, real);
  return way !== '..' && !way.startsWith(`..${sep}`);
};
