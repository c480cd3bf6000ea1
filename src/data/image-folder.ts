import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../input-error.ts';
import { once } from '../once.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { decodeAll, keptImages, placeOn } from './decoded-images.ts';
import { requireMemory } from './image-bytes.ts';
import { classFolders, type ImageFile, listImageFolder } from './image-files.ts';
import type { ImageSet } from './image-set.ts';
import { readParts, type StoredPart, type StoredParts } from './parts.ts';

/**
 * Images as files: `folder/<class>/<image>`, or `folder/train/<class>/<image>` with `test` or `val` beside it, of the same classes or of others
 * (see `readParts`). Without parts they are drawn (see `seededPart`). Needs `imageSize`.
 */
export function imageFolderSource(folder: string, options: SourceOptions): DataSource {
  const parts = once(() => readParts(folder, storedParts(folder, options)));
  return {
    name: folder,
    ownSplit: 'none',
    ownClasses: async () => parts().ownClasses,
    location: folder,
    testPart: () => parts().testPart,
    hasImageFiles: true,
    load: async (part) => parts().load(part),
  };
}

const validationNames = ['val', 'validation', 'valid'];

function storedParts(folder: string, options: SourceOptions): StoredParts {
  const isThere = (name: string): boolean => existsSync(join(folder, name));
  const [validation, another] = validationNames.filter(isThere);
  const part = (path: string): StoredPart => ({
    name: `${path}/`,
    classNames: classFolders(path),
    load: () => readFolder(path, options),
  });
  if (!isThere('train') || (!isThere('test') && validation === undefined)) {
    const whole = { ...part(folder), name: folder };
    refuseParts(folder, whole.classNames);
    return { train: whole, validation: null, test: null };
  }
  if (another !== undefined)
    throw new InputError(
      `${folder}: has ${validation}/ and ${another}/; which holds the validation part? Keep one`,
    );
  return {
    train: part(join(folder, 'train')),
    validation: validation === undefined ? null : part(join(folder, validation)),
    test: isThere('test') ? part(join(folder, 'test')) : null,
  };
}

/** Images that lie in train/ itself, without folders of classes, would have their part for a class. */
function refuseParts(folder: string, classNames: readonly string[]): void {
  const part = classNames.find((name) => /^(train|test|val|valid|validation)(ing)?[-_]?\d*$/i.test(name));
  if (part !== undefined)
    throw new InputError(
      `${folder}: ${part}/ would be a class; images lie in one folder per class, either in ${folder} or in train/ and test/ of it`,
    );
}

async function readFolder(folder: string, options: SourceOptions): Promise<ImageSet> {
  const { imageSize: side, resize, cacheFolder, listOnly } = options;
  if (side === undefined)
    throw new InputError(
      `data.imageSize: ${folder} is a folder of images; give the pixels per side to resize them to`,
    );
  const { files, classNames } = listImageFolder(folder);
  const place = placeOn(side, options);
  const stored = files.map(({ path }) => ({ name: path, read: () => readFileSync(path) }));
  const shape = [files.length, side, side, 3] as const;
  requireMemory(folder, shape);
  const images = listOnly
    ? new Uint8Array(files.length * side * side * 3)
    : await keptImages(cacheFolder, listingKey(files, side, resize), shape, () =>
        decodeAll(stored, files.length, place, options),
      );
  const labels = Int32Array.from(files, (file) => file.label);
  return { name: folder, height: side, width: side, channels: 3, images, labels, classNames };
}

/** SHA-256 of what decides the decoded bytes: which files, in which state, and how they are resized. */
function listingKey(files: readonly ImageFile[], side: number, resize: number | undefined): string {
  const hash = createHash('sha256').update(`gcnc images 3\n${side} ${resize ?? 'square'}\n`);
  for (const { identity } of files) hash.update(`${identity}\n`);
  return hash.digest('hex').slice(0, 32);
}
