import { createHash } from 'node:crypto';
import type { Picture } from '../formats/bmp.ts';
import { openParquet, type ParquetFile, readParquetColumn } from '../formats/parquet/parquet-file.ts';
import { InputError } from '../input-error.ts';
import { once } from '../once.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { decodeUpright } from './decode-image.ts';
import { decodeAll, keptImages, placeOn, type StoredImage } from './decoded-images.ts';
import { requireMemory } from './image-bytes.ts';
import { identityOf } from './image-files.ts';
import type { ImageSet } from './image-set.ts';
import { type ImageColumns, imageColumns } from './parquet-columns.ts';
import { listParquet, type ParquetFiles } from './parquet-files.ts';
import { checkColumns, type NamedLabels, nameLabels } from './parquet-labels.ts';
import { readParts, type StoredPart } from './parts.ts';

/**
 * Parquet files with encoded images, as Hugging Face's `datasets` writes them: a column of image files and one of labels. A folder's parts
 * are told by the files' names (see `listParquet`, `readParts`); the images are decoded as those of folders, have three channels, and are turned upright by EXIF as `datasets` does.
 */
export function parquetSource(path: string, isFolder: boolean, options: SourceOptions): DataSource {
  const parts = once(() => {
    const files = isFolder ? listParquet(path) : { train: [path], validation: [], test: [] };
    const opened = openAll(files);
    const part = (of: readonly OpenFile[]) => (of.length === 0 ? null : storedPart(path, of, options));
    return readParts(path, {
      train: part(opened.train)!,
      validation: part(opened.validation),
      test: part(opened.test),
    });
  });
  return {
    name: path,
    ownSplit: 'none',
    ownClasses: async () => parts().ownClasses,
    location: path,
    testPart: () => parts().testPart,
    hasImageFiles: true,
    load: async (part) => parts().load(part),
  };
}

interface OpenFile {
  readonly parquet: ParquetFile;
  readonly columns: ImageColumns;
}

const open = (path: string): OpenFile => {
  const parquet = openParquet(path);
  return { parquet, columns: imageColumns(parquet) };
};

function openAll(paths: ParquetFiles): Readonly<Record<keyof ParquetFiles, readonly OpenFile[]>> {
  const [train, validation, test] = [paths.train, paths.validation, paths.test].map((part) => part.map(open));
  const files = [...train!, ...validation!, ...test!];
  for (const file of files) checkColumns(files[0]!, file);
  return { train: train!, validation: validation!, test: test! };
}

function storedPart(source: string, files: readonly OpenFile[], options: SourceOptions): StoredPart {
  const labels = nameLabels(files);
  const present = new Set(labels.labels);
  return {
    name:
      files.length === 1 ? files[0]!.parquet.path : `${files[0]!.parquet.path} and ${files.length - 1} more`,
    classNames: labels.classNames.filter((_, label) => present.has(label)),
    named: labels.classNames,
    load: () => readImages(source, files, labels, options),
  };
}

async function readImages(
  name: string,
  files: readonly OpenFile[],
  named: NamedLabels,
  options: SourceOptions,
): Promise<ImageSet> {
  const count = named.labels.length;
  if (count === 0) throw new InputError(`${files[0]!.parquet.path}: has no rows`);
  const { imageSize, resize, cacheFolder, listOnly } = options;
  if (resize !== undefined && imageSize === undefined)
    throw new InputError('data.resize needs data.imageSize, the size that is cropped');
  const [height, width] =
    imageSize === undefined ? await sizeOfFirst(files, options) : [imageSize, imageSize];
  const place = imageSize === undefined ? asTheyAre(height, width) : placeOn(imageSize, options);
  requireMemory(name, [count, height, width, 3]);
  const images = listOnly
    ? new Uint8Array(count * height * width * 3)
    : await keptImages(cacheFolder, keyOf(files, imageSize, resize), [count, height, width, 3], () =>
        decodeAll(storedImages(files), count, place, { decode: decodeUpright, ...options }),
      );
  return { name, height, width, channels: 3, images, ...named };
}

function* storedImages(files: readonly OpenFile[]): Generator<StoredImage, void, void> {
  for (const { parquet, columns } of files) {
    let row = 0;
    for (const values of readParquetColumn(parquet, columns.image))
      for (const bytes of values) {
        const name = `${parquet.path}: ${columns.image.name} of row ${row}`;
        if (!(bytes instanceof Uint8Array))
          throw new InputError(
            `${name}: is null; images stand in the file itself, and paths are not followed`,
          );
        yield { name, read: () => bytes };
        row += 1;
      }
  }
}

async function sizeOfFirst(files: readonly OpenFile[], { decode = decodeUpright }: SourceOptions) {
  for (const { name, read } of storedImages(files))
    try {
      const { height, width } = await decode(read());
      return [height, width] as const;
    } catch (error) {
      throw new InputError(`${name}: no image that is read: ${(error as Error).message.split('\n')[0]}`);
    }
  return [0, 0] as const;
}

const asTheyAre =
  (height: number, width: number) =>
  (picture: Picture): Uint8Array => {
    if (picture.height !== height || picture.width !== width)
      throw new Error(
        `${picture.height}x${picture.width}, and the first is ${height}x${width}; give data.imageSize to resize them to`,
      );
    return picture.pixels;
  };

function keyOf(files: readonly OpenFile[], side: number | undefined, resize: number | undefined): string {
  const hash = createHash('sha256').update(`gcnc parquet 3\n${side ?? 'own'} ${resize ?? 'square'}\n`);
  for (const { parquet } of files) hash.update(`${identityOf(parquet.path)}\n`);
  return hash.digest('hex').slice(0, 32);
}
