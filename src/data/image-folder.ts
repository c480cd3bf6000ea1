import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostics } from '../diagnostics.ts';
import type { Picture } from '../formats/bmp.ts';
import { readNpz, writeNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import type { DataSource, DecodeImage, SourceOptions } from './data-source.ts';
import { decodeImage } from './decode-image.ts';
import { classFolders, type ImageListing, listImageFolder } from './image-files.ts';
import type { ImageSet } from './image-set.ts';
import { readParts, type StoredPart, type StoredParts } from './parts.ts';
import { averageSquare, resizeAndCrop } from './resize.ts';

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
  if (!isThere('train') || (!isThere('test') && validation === undefined))
    return { train: { ...part(folder), name: folder }, validation: null, test: null };
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

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

async function readFolder(folder: string, options: SourceOptions): Promise<ImageSet> {
  const { imageSize: side, resize, decode = decodeImage, cacheFolder, listOnly } = options;
  if (side === undefined)
    throw new InputError(
      `data.imageSize: ${folder} is a folder of images; give the pixels a side to resize them to`,
    );
  const listing = listImageFolder(folder);
  const set = (images: Uint8Array): ImageSet => ({
    name: folder,
    height: side,
    width: side,
    channels: 3,
    images,
    labels: Int32Array.from(listing.files, (file) => file.label),
    classNames: listing.classNames,
  });
  if (resize !== undefined && resize < side)
    throw new InputError(
      `data.resize is ${resize}, less than data.imageSize, ${side}; nothing is left to crop`,
    );
  const place = (picture: Picture): Uint8Array =>
    resize === undefined ? averageSquare(picture, side) : resizeAndCrop(picture, resize, side);
  if (listOnly) return set(new Uint8Array(listing.files.length * side * side * 3));
  if (cacheFolder === undefined) return set(await decodeAll(listing, place, decode));
  const cached = join(cacheFolder, `${listingKey(listing, side, resize)}.npz`);
  const kept = readCache(cached, listing.files.length * side * side * 3);
  if (kept !== undefined) return set(kept);
  const images = await decodeAll(listing, place, decode);
  writeNpz(cached, { images: { shape: [listing.files.length, side, side, 3], values: images } });
  return set(images);
}

/** SHA-256 of what decides the decoded bytes: which files, in which state, and how they are resized. */
function listingKey({ files }: ImageListing, side: number, resize: number | undefined): string {
  const hash = createHash('sha256').update(`gcnc images 2\n${side} ${resize ?? 'square'}\n`);
  for (const { identity } of files) hash.update(`${identity}\n`);
  return hash.digest('hex').slice(0, 32);
}

/** A damaged cache is made anew, not an error. */
function readCache(path: string, bytes: number): Uint8Array | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const values = readNpz(path).get('images')?.values;
    return values instanceof Uint8Array && values.length === bytes ? values : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Files that are decoded at a time: sharp's threads wait for none of ours. */
const atOnce = 8;

async function decodeAll(
  { files }: ImageListing,
  place: (picture: Picture) => Uint8Array,
  decode: DecodeImage,
): Promise<Uint8Array> {
  let images: Uint8Array | undefined;
  const deepGrey: string[] = [];
  for (let start = 0; start < files.length; start += atOnce) {
    const some = files.slice(start, start + atOnce).map(async ({ path }) => {
      try {
        const picture = await decode(readFileSync(path));
        if (picture.isDeepGrey) deepGrey.push(path);
        return place(picture);
      } catch (error) {
        throw new InputError(`${path}: no image that is read: ${(error as Error).message.split('\n')[0]}`);
      }
    });
    for (const [index, placed] of (await Promise.all(some)).entries()) {
      images ??= new Uint8Array(files.length * placed.length);
      images.set(placed, (start + index) * placed.length);
    }
  }
  if (deepGrey.length > 0)
    diagnostics.warn(
      `${deepGrey[0]}: ${deepGrey.length} images are 16-bit grey; their upper byte is taken, so values below 256 are black`,
    );
  return images ?? new Uint8Array(0);
}
