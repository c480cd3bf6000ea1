import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readNpz, writeNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import type { DataSource, DecodeImage, SourceOptions } from './data-source.ts';
import { seededPart } from './holdout.ts';
import { type ImageListing, listImageFolder } from './image-files.ts';
import type { ImageSet } from './image-set.ts';
import { concatenate } from './selection.ts';

/**
 * Images as files: `folder/<class>/<image>`, or `folder/train/<class>/<image>` and `folder/test/<class>/<image>` with the
 * same classes (`val` where there is no `test`). Without parts they are drawn (see `seededPart`). Needs `imageSize` and `decode`.
 */
export function imageFolderSource(folder: string, options: SourceOptions): DataSource {
  const trainFolder = join(folder, 'train');
  const testFolder = ['test', 'val'].map((name) => join(folder, name)).find((path) => existsSync(path));
  if (!existsSync(trainFolder) || testFolder === undefined) {
    let whole: Promise<ImageSet> | undefined;
    return {
      name: folder,
      ownSplit: 'none',
      location: folder,
      load: async (part) => {
        whole ??= readFolder(folder, options);
        return seededPart(await whole, part);
      },
    };
  }
  const load = (part: 'train' | 'test') => readFolder(part === 'train' ? trainFolder : testFolder, options);
  return {
    name: folder,
    ownSplit: 'none',
    location: folder,
    load: async (part) =>
      part === 'whole' ? concatenate(await load('train'), await load('test'), folder) : load(part),
  };
}

async function readFolder(folder: string, options: SourceOptions): Promise<ImageSet> {
  const { imageSize: side, decode, cacheFolder, listOnly } = options;
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
  if (listOnly) return set(new Uint8Array(listing.files.length * side * side * 3));
  if (decode === undefined) throw new Error('reading image files needs a decoder');
  if (cacheFolder === undefined) return set(await decodeAll(listing, side, decode));
  const cached = join(cacheFolder, `${listingKey(listing, side)}.npz`);
  const kept = readCache(cached, listing.files.length * side * side * 3);
  if (kept !== undefined) return set(kept);
  const images = await decodeAll(listing, side, decode);
  writeNpz(cached, { images: { shape: [listing.files.length, side, side, 3], values: images } });
  return set(images);
}

/** SHA-256 of what decides the decoded bytes: which files, in which state, and the side. */
function listingKey({ files }: ImageListing, side: number): string {
  const hash = createHash('sha256').update(`gcnc images 2\n${side}\n`);
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

async function decodeAll({ files }: ImageListing, side: number, decode: DecodeImage): Promise<Uint8Array> {
  const size = side * side * 3;
  const images = new Uint8Array(files.length * size);
  for (const [index, { path }] of files.entries()) {
    let image: Uint8Array;
    try {
      image = await decode(readFileSync(path), side);
    } catch (error) {
      throw new InputError(
        `${path}: no image that can be decoded (${(error as Error).message.split('\n')[0]})`,
      );
    }
    if (image.length !== size)
      throw new Error(`the decoder gave ${image.length} bytes for ${path}, not ${size}`);
    images.set(image, index * size);
  }
  return images;
}
