import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { diagnostics } from '../diagnostics.ts';
import type { Picture } from '../formats/bmp.ts';
import { readNpz, writeNpz } from '../formats/npz.ts';
import { InputError } from '../input-error.ts';
import type { SourceOptions } from './data-source.ts';
import { decodeImage } from './decode-image.ts';
import { averageSquare, resizeAndCrop } from './resize.ts';

/** An image as it is stored: where, for messages, and its file's bytes. */
export interface StoredImage {
  readonly name: string;
  readonly read: () => Uint8Array;
}

/** What a source of image files makes of each picture: [side, side, 3] bytes. Throws InputError where nothing is left to crop. */
export function placeOn(side: number, { resize }: SourceOptions): (picture: Picture) => Uint8Array {
  if (resize !== undefined && resize < side)
    throw new InputError(
      `data.resize is ${resize}, less than data.imageSize, ${side}; nothing is left to crop`,
    );
  return (picture) =>
    resize === undefined ? averageSquare(picture, side) : resizeAndCrop(picture, resize, side);
}

/** Images one after another, and what is to be said whenever they are used; '' for nothing. */
export interface DecodedImages {
  readonly images: Uint8Array;
  readonly warning: string;
}

/** Images kept under a key from an earlier call; made and kept where there are none. A damaged cache is made anew. Warns either way. */
export async function keptImages(
  cacheFolder: string | undefined,
  key: string,
  shape: readonly [count: number, height: number, width: number, channels: number],
  make: () => Promise<DecodedImages>,
): Promise<Uint8Array> {
  const path = cacheFolder === undefined ? undefined : join(cacheFolder, `${key}.npz`);
  const size = shape.reduce((product, each) => product * each);
  const kept = path === undefined ? undefined : readKept(path, size);
  const { images, warning } = kept ?? (await make());
  if (warning !== '') diagnostics.warn(warning);
  if (path !== undefined && kept === undefined) keep(path, shape, { images, warning });
  return images;
}

/** A cache that cannot be written costs time, and no run. */
function keep(path: string, shape: readonly number[], { images, warning }: DecodedImages): void {
  try {
    writeNpz(path, { images: { shape, values: images }, warning: { shape: [1], values: [warning] } });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    diagnostics.warn(
      `${path}: decoded images cannot be kept (${code ?? message}) and are decoded again each time; XDG_CACHE_HOME names another folder`,
    );
  }
}

function readKept(path: string, bytes: number): DecodedImages | undefined {
  if (!existsSync(path)) return undefined;
  try {
    const arrays = readNpz(path);
    const images = arrays.get('images')?.values;
    const warning = arrays.get('warning')?.values[0] ?? '';
    return images instanceof Uint8Array && images.length === bytes && typeof warning === 'string'
      ? { images, warning }
      : undefined;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Files that are decoded at a time: sharp's threads wait for none of ours. */
const atOnce = 8;

/** Decodes and places `count` images one after another. Throws InputError that names the first that is none. */
export async function decodeAll(
  images: Iterable<StoredImage>,
  count: number,
  place: (picture: Picture) => Uint8Array,
  { decode = decodeImage }: SourceOptions,
): Promise<DecodedImages> {
  let all: Uint8Array | undefined;
  let done = 0;
  const deepGrey: string[] = [];
  const decodeSome = async (some: readonly StoredImage[]): Promise<void> => {
    const placed = some.map(async ({ name, read }) => {
      try {
        const picture = await decode(read());
        if (picture.isDeepGrey) deepGrey.push(name);
        return place(picture);
      } catch (error) {
        throw new InputError(`${name}: no image that is read: ${(error as Error).message.split('\n')[0]}`);
      }
    });
    for (const pixels of await Promise.all(placed)) {
      all ??= new Uint8Array(count * pixels.length);
      all.set(pixels, done * pixels.length);
      done += 1;
    }
  };
  let waiting: StoredImage[] = [];
  for (const image of images) {
    waiting.push(image);
    if (waiting.length < atOnce) continue;
    await decodeSome(waiting);
    waiting = [];
  }
  await decodeSome(waiting);
  return {
    images: all ?? new Uint8Array(0),
    warning:
      deepGrey.length === 0
        ? ''
        : `${deepGrey[0]}: ${deepGrey.length} images are 16-bit grey; their upper byte is taken, so values below 256 are black`,
  };
}
