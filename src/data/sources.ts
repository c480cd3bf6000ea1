import { existsSync } from 'node:fs';
import { dataKinds } from '../config/data-kinds.ts';
import { suggestionAmong } from '../config/nearest.ts';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { dataSets } from './data-sets.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { imageFolderSource } from './image-folder.ts';
import { warningOfBlack } from './nearly-black.ts';
import { npzSource } from './npz-source.ts';
import { hasParquet } from './parquet-files.ts';
import { parquetSource } from './parquet-source.ts';

/** Every named data set, by its name. */
export const dataSources: Readonly<Record<string, (options: SourceOptions) => DataSource>> =
  Object.fromEntries(dataSets.map(({ name, open }) => [name, open]));

/**
 * The data set that `data.name` means, with a warning where its images are nearly black: a known name, a file.npz or file.parquet, a folder of images or Parquet files, or
 * torchvision's folder of CIFAR or MNIST. Throws InputError for another.
 */
export const openDataSource = (name: string, options: SourceOptions): DataSource => {
  const source = openNamed(name, options);
  return options.listOnly ? source : warningOfBlack(source);
};

function openNamed(name: string, options: SourceOptions): DataSource {
  const known = Object.hasOwn(dataSources, name) ? dataSources[name] : undefined;
  if (known !== undefined) return known(options);
  const names = Object.keys(dataSources);
  const allowed = `${names.join(', ')}, ${dataKinds}`;
  if (/\.(npz|parquet)$/.test(name) && !existsSync(name))
    throw new InputError(`data.name: there is no file ${name}; allowed are ${allowed}`, {
      code: 'no-such-file',
      key: 'data.name',
    });
  if (name.endsWith('.npz')) return npzSource(name);
  if (name.endsWith('.parquet') && !isFolder(name)) return parquetSource(name, false, options);
  if (isFolder(name)) return folderSource(name, options);
  throw new InputError(`data.name: unknown data set ${name}${suggestionAmong(name, names, allowed)}`);
}

/** A folder of a known data set's own files, as torchvision leaves them, or of images. */
function folderSource(folder: string, options: SourceOptions): DataSource {
  for (const { openFolder } of dataSets) {
    const source = openFolder?.(folder, options);
    if (source !== undefined) return source;
  }
  if (hasParquet(folder)) return parquetSource(folder, true, options);
  return imageFolderSource(folder, options);
}
