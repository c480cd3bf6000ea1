import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { missingDetails } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import { readPythonBatch, readPythonNames } from './cifar-python.ts';
import { refuseRepeated } from './class-names.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import type { ImageSet } from './image-set.ts';
import { concatenate } from './selection.ts';

/**
 * A data set in Krizhevsky's binary format (records of label bytes, then 32x32 red, green and blue planes), or in his Python
 * version, which torchvision downloads: pickles of the same bytes.
 */
export interface CifarFormat {
  readonly name: string;
  readonly ownSplit: string;
  readonly folder: string;
  readonly namesFile: string;
  readonly trainFiles: readonly string[];
  readonly testFile: string;
  readonly classes: number;
  /** Label bytes per record; the class is the last of them. */
  readonly labelBytes: number;
  readonly python: {
    readonly folder: string;
    readonly namesFile: string;
    readonly namesKey: string;
    readonly trainFiles: readonly string[];
    readonly testFile: string;
    readonly labelKey: string;
  };
}

const side = 32;
const plane = side * side;

/**
 * CIFAR-10 or CIFAR-100 from `given`, a folder of either version, or else from the data folder, where the binary version comes
 * first; subsets of the official records are welcome.
 */
export function cifarSource(format: CifarFormat, { dataFolder }: SourceOptions, given?: string): DataSource {
  const { python } = format;
  const binaryFolder = join(dataFolder, format.folder);
  const pythonFolder = join(dataFolder, python.folder);
  const folder =
    given ?? (!existsSync(binaryFolder) && existsSync(pythonFolder) ? pythonFolder : binaryFolder);
  const isPython = existsSync(join(folder, python.namesFile)) || folder === pythonFolder;
  const load = (part: 'train' | 'test'): ImageSet => ({
    name: `${format.name}/${part}`,
    height: side,
    width: side,
    channels: 3,
    ...(isPython ? loadPython(format, folder, part) : loadBinary(format, folder, part)),
  });
  return {
    name: format.name,
    ownSplit: format.ownSplit,
    location: folder,
    testPart: () => 'stored',
    load: async (part) =>
      part === 'whole' ? concatenate(load('train'), load('test'), format.name) : load(part),
  };
}

/** The data set where `folder` holds its files, of either version; undefined for another folder. */
export function cifarIn(format: CifarFormat, folder: string, options: SourceOptions): DataSource | undefined {
  const { namesFile, testFile, python } = format;
  const isThere = (...names: readonly string[]) =>
    names.every((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile());
  return isThere(namesFile, testFile) || isThere(python.namesFile, python.testFile)
    ? cifarSource(format, options, folder)
    : undefined;
}

type Loaded = Pick<ImageSet, 'images' | 'labels' | 'classNames'>;

function loadBinary(format: CifarFormat, folder: string, part: 'train' | 'test'): Loaded {
  const classNames = readNames(format, folder);
  const files = part === 'train' ? format.trainFiles : [format.testFile];
  const records = files.map((file) => countRecords(format, join(folder, file)));
  const total = records.reduce((sum, count) => sum + count, 0);
  const images = new Uint8Array(total * 3 * plane);
  const labels = new Int32Array(total);
  let first = 0;
  files.forEach((file, index) => {
    readRecords(format, join(folder, file), records[index]!, images, labels, first);
    first += records[index]!;
  });
  return { images, labels, classNames };
}

function loadPython({ python, classes }: CifarFormat, folder: string, part: 'train' | 'test'): Loaded {
  const classNames = readPythonNames(join(folder, python.namesFile), python.namesKey);
  if (classNames.length !== classes)
    throw new InputError(
      `${join(folder, python.namesFile)}: expected ${classes} class names, found ${classNames.length}`,
    );
  refuseRepeated(classNames, `${join(folder, python.namesFile)}: ${python.namesKey}`);
  const files = part === 'train' ? python.trainFiles : [python.testFile];
  const batches = files.map((file) =>
    readPythonBatch(join(folder, file), python.labelKey, classes, 3 * plane),
  );
  const labels = Int32Array.from(batches.flatMap((batch) => [...batch.labels]));
  const images = new Uint8Array(labels.length * 3 * plane);
  const pixelWords = new Uint32Array(images.buffer);
  const planes = new Uint8Array(3 * plane);
  const planeWords = new Uint32Array(planes.buffer);
  let to = 0;
  for (const { rows } of batches)
    for (let start = 0; start < rows.length; start += planes.length) {
      planes.set(rows.subarray(start, start + planes.length));
      interleave(planeWords, pixelWords, to);
      to += planeWords.length;
    }
  return { images, labels, classNames };
}

function missing(format: CifarFormat, path: string, error: unknown): InputError {
  return new InputError(
    `${format.name}: no readable file ${path}; run \`gcnc data fetch ${format.name}\`, or set GCNC_DATA_DIR to the folder that holds ${format.folder}/`,
    missingDetails(error),
  );
}

function readNames(format: CifarFormat, folder: string): string[] {
  const path = join(folder, format.namesFile);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw missing(format, path, error);
  }
  const names = text.split(/\s+/).filter((name) => name !== '');
  if (names.length !== format.classes)
    throw new InputError(
      `${path}: expected ${format.classes} class names, found ${names.length}; \`gcnc data fetch ${format.name}\` brings the official file`,
    );
  refuseRepeated(names, path);
  return names;
}

function countRecords(format: CifarFormat, path: string): number {
  const recordBytes = format.labelBytes + 3 * plane;
  let bytes: number;
  try {
    bytes = statSync(path).size;
  } catch (error) {
    throw missing(format, path, error);
  }
  if (bytes === 0 || bytes % recordBytes !== 0)
    throw new InputError(
      `${path}: expected records of ${recordBytes} bytes, found ${bytes} bytes (${Math.floor(bytes / recordBytes)} records and ${bytes % recordBytes} bytes); \`gcnc data fetch ${format.name}\` brings the official file`,
    );
  return bytes / recordBytes;
}

/** Turns the planes of each record into pixels: [record, 3, 32, 32] to [record, 32, 32, 3]. */
function readRecords(
  format: CifarFormat,
  path: string,
  records: number,
  images: Uint8Array,
  labels: Int32Array,
  first: number,
): void {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch (error) {
    throw missing(format, path, error);
  }
  const recordBytes = format.labelBytes + 3 * plane;
  if (bytes.length !== records * recordBytes)
    throw new InputError(
      `${path}: changed while it was read, from ${records * recordBytes} to ${bytes.length} bytes`,
    );
  const planes = new Uint8Array(3 * plane);
  const planeWords = new Uint32Array(planes.buffer);
  const pixelWords = new Uint32Array(images.buffer);
  let to = first * planeWords.length;
  for (let record = 0; record < records; record++) {
    const start = record * recordBytes;
    const label = bytes[start + format.labelBytes - 1]!;
    if (label >= format.classes)
      throw new InputError(
        `${path}: expected labels below ${format.classes}, found ${label} in record ${record}; \`gcnc data fetch ${format.name}\` brings the official file`,
      );
    labels[first + record] = label;
    planes.set(bytes.subarray(start + format.labelBytes, start + recordBytes));
    interleave(planeWords, pixelWords, to);
    to += planeWords.length;
  }
}

/** Three planes to pixels, four pixels at a time in little-endian words: three times as fast as byte by byte. */
function interleave(planes: Uint32Array, pixels: Uint32Array, start: number): void {
  const words = plane / 4;
  let to = start;
  for (let word = 0; word < words; word++) {
    const red = planes[word]!;
    const green = planes[word + words]!;
    const blue = planes[word + 2 * words]!;
    pixels[to] = (red & 255) | ((green & 255) << 8) | ((blue & 255) << 16) | (((red >>> 8) & 255) << 24);
    pixels[to + 1] =
      ((green >>> 8) & 255) |
      (((blue >>> 8) & 255) << 8) |
      (((red >>> 16) & 255) << 16) |
      (((green >>> 16) & 255) << 24);
    pixels[to + 2] =
      ((blue >>> 16) & 255) | ((red >>> 24) << 8) | ((green >>> 24) << 16) | ((blue >>> 24) << 24);
    to += 3;
  }
}
