import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { missingDetails } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import type { ImageSet } from './image-set.ts';
import { concatenate } from './selection.ts';

/** A data set of grey images in LeCun's IDX format, plain or gzipped. */
export interface IdxFormat {
  readonly name: string;
  /** Inside the data folder. */
  readonly folder: string;
  /** Where torchvision downloads it to; looked at next. */
  readonly torchvisionFolder: string;
  /** Looked at last; packages of the system put it there. */
  readonly systemFolder?: string;
  readonly classNames: readonly string[];
}

/** The four files of a data set in this format, gzipped as they are published. */
export const idxFiles = [
  'train-images-idx3-ubyte.gz',
  'train-labels-idx1-ubyte.gz',
  't10k-images-idx3-ubyte.gz',
  't10k-labels-idx1-ubyte.gz',
] as const;

const prefixes = { train: 'train', test: 't10k' } as const;
/** VGG halves an image five times: 28 pixels per side are too few. */
const paddedSide = 32;
const largestImage = paddedSide ** 2;

/** Square images of `side` pixels in the middle of black ones of 32. */
function withBorder(images: Uint8Array, count: number, side: number): Uint8Array {
  const border = Math.floor((paddedSide - side) / 2);
  const result = new Uint8Array(count * paddedSide ** 2);
  for (let row = 0; row < count * side; row++) {
    const from = row * side;
    const y = border + (row % side);
    const to = (Math.floor(row / side) * paddedSide + y) * paddedSide + border;
    result.set(images.subarray(from, from + side), to);
  }
  return result;
}

/** MNIST or Fashion-MNIST, with a black border to 32x32 where `imageSize` is 32: `<part>-images-idx3-ubyte` and `<part>-labels-idx1-ubyte`, each plain or with `.gz`. */
export function idxSource(
  format: IdxFormat,
  { dataFolder, imageSize }: SourceOptions,
  given?: string,
): DataSource {
  const folder = given ?? idxFolder(format, dataFolder);
  const load = (part: 'train' | 'test'): ImageSet => {
    const images = readIdx(format, join(folder, `${prefixes[part]}-images-idx3-ubyte`), 3);
    const labels = readIdx(format, join(folder, `${prefixes[part]}-labels-idx1-ubyte`), 1);
    const [count, height, width] = images.shape as [number, number, number];
    if (labels.shape[0] !== count)
      throw new InputError(
        `${labels.path}: expected ${count} labels, one per image, found ${labels.shape[0]}`,
      );
    const wrong = labels.values.findIndex((label) => label >= format.classNames.length);
    if (wrong >= 0)
      throw new InputError(
        `${labels.path}: expected labels below ${format.classNames.length}, found ${labels.values[wrong]} at ${wrong}`,
      );
    const pad = imageSize === paddedSide && height === width && height < paddedSide;
    return {
      name: `${format.name}/${part}`,
      height: pad ? paddedSide : height,
      width: pad ? paddedSide : width,
      channels: 1,
      images: pad ? withBorder(images.values, count, height) : images.values,
      labels: Int32Array.from(labels.values),
      classNames: format.classNames,
    };
  };
  return {
    name: format.name,
    ownSplit: 'none',
    location: folder,
    testPart: () => 'stored',
    load: async (part) =>
      part === 'whole' ? concatenate(load('train'), load('test'), format.name) : load(part),
  };
}

/** The folder that holds the data set: in the data folder, under our name or torchvision's, else where the system has it. */
function idxFolder({ folder, torchvisionFolder, systemFolder }: IdxFormat, dataFolder: string): string {
  const own = join(dataFolder, folder);
  const others = [join(dataFolder, torchvisionFolder), ...(systemFolder === undefined ? [] : [systemFolder])];
  return existsSync(own) ? own : (others.find((path) => existsSync(path)) ?? own);
}

/**
 * The data set where `folder`, or `raw` in it, holds its four files; undefined for another folder. The files do not say what they
 * show, so the path must: the last folder called like torchvision's decides.
 */
export function idxIn(format: IdxFormat, folder: string, options: SourceOptions): DataSource | undefined {
  const inside = [folder, join(folder, 'raw')].find((path) =>
    idxFiles.every(
      (name) => existsSync(join(path, name)) || existsSync(join(path, name.replace(/\.gz$/, ''))),
    ),
  );
  if (inside === undefined) return undefined;
  const called = resolve(inside)
    .split(/[\\/]/)
    .findLast((word) => /mnist$/i.test(word));
  const isThis = called?.toLowerCase().replace(/[-_]/g, '') === format.name.replace('-', '');
  return isThis ? idxSource(format, options, inside) : undefined;
}

interface IdxArray {
  readonly path: string;
  readonly shape: readonly number[];
  readonly values: Uint8Array;
}

/** Bytes 0, 0, 8 (unsigned byte), number of dimensions; each dimension big-endian in 4 bytes; then the values. */
function readIdx(format: IdxFormat, plainPath: string, dimensions: number): IdxArray {
  const { path, bytes } = readMaybeGzipped(format, plainPath, dimensions);
  const again = `\`gcnc data fetch ${format.name}\` brings the official file`;
  const start = 4 + 4 * dimensions;
  if (bytes.length < start || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 8 || bytes[3] !== dimensions)
    throw new InputError(
      `${path}: expected an IDX file of bytes in ${dimensions} dimensions, found another; ${again}`,
    );
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: dimensions }, (_, axis) => view.getUint32(4 + 4 * axis));
  const expected = shape.reduce((product, length) => product * length, 1);
  if (expected === 0 || expected !== bytes.length - start)
    throw new InputError(
      `${path}: expected ${expected} values (${shape.join(' x ')}), found ${bytes.length - start}; ${again}`,
    );
  return { path, shape, values: bytes.subarray(start) };
}

function readMaybeGzipped(format: IdxFormat, plainPath: string, dimensions: number) {
  const path = existsSync(plainPath) ? plainPath : `${plainPath}.gz`;
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    const also = format.systemFolder === undefined ? '' : `, install Debian's dataset-${format.name}`;
    throw new InputError(
      `${format.name}: no readable file ${plainPath} or .gz; run \`gcnc data fetch ${format.name}\`${also}, or set GCNC_DATA_DIR to the folder that holds ${format.folder}/`,
      missingDetails(error),
    );
  }
  if (path === plainPath) return { path, bytes };
  try {
    // A million images is far beyond any file of this kind and stops a gzip bomb.
    return {
      path,
      bytes: gunzipSync(bytes, { maxOutputLength: dimensions === 1 ? 2 ** 20 : 2 ** 20 * largestImage }),
    };
  } catch (error) {
    throw new InputError(
      `${path}: expected a gzip file, found it truncated or damaged (${(error as NodeJS.ErrnoException).code}); \`gcnc data fetch ${format.name}\` brings the official file`,
    );
  }
}
