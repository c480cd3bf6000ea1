import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../input-error.ts';
import { realPathsWithin } from './links.ts';

/** One image of a folder `class/name.jpg`. */
export interface ImageFile {
  readonly path: string;
  /** Index into the class names. */
  readonly label: number;
  /** See `identityOf`. */
  readonly identity: string;
}

export interface ImageListing {
  readonly classNames: readonly string[];
  readonly files: readonly ImageFile[];
}

const imageName = /\.(jpe?g|png|bmp|gif|webp|tiff?)$/i;

/**
 * Lists `folder/<class>/<image>`, classes and files in code-unit order. Hidden names are left out. Throws InputError for a
 * file that is no image by its name, a class without images, and a link that leads out of the folder.
 */
export function listImageFolder(folder: string): ImageListing {
  const realPathOf = realPathsWithin(folder);
  const classNames = classFolders(folder);
  if (classNames.length === 0)
    throw new InputError(`${folder}: expected folders of images, one per class, found none`);
  const files = classNames.flatMap((className, label) => {
    const classFolder = join(folder, className);
    realPathOf(classFolder);
    const names = entriesOf(classFolder).map((entry) => entry.name);
    if (names.length === 0) throw new InputError(`${classFolder}: expected images, found none`);
    return names.map((name): ImageFile => {
      const path = join(classFolder, name);
      const real = realPathOf(path);
      if (!imageName.test(name))
        throw new InputError(
          `${path}: expected an image (.jpg, .png, .bmp, .gif, .webp, .tif), found another file`,
        );
      return { path, label, identity: identityOf(path, real) };
    });
  });
  return { classNames, files };
}

/** What tells one state of one file from every other: its real path, device, inode, size and change time. */
export function identityOf(path: string, real = realpathSync(path)): string {
  const { dev, ino, size, ctimeNs } = statSync(path, { bigint: true });
  return [JSON.stringify(real), dev, ino, size, ctimeNs].join(' ');
}

/** The classes of a folder, in code-unit order. */
export const classFolders = (folder: string): string[] =>
  entriesOf(folder)
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map((entry) => entry.name);

function entriesOf(folder: string): Dirent[] {
  let entries: Dirent[];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch (error) {
    throw new InputError(`${folder}: cannot be listed (${(error as NodeJS.ErrnoException).code})`);
  }
  return entries.filter((entry) => !entry.name.startsWith('.')).sort((a, b) => (a.name < b.name ? -1 : 1));
}
