import { existsSync, statSync } from 'node:fs';
import { closest } from 'fastest-levenshtein';
import { InputError } from '../input-error.ts';
import { cifar10, cifar100, cifarSource } from './cifar.ts';
import type { DataSource, SourceOptions } from './data-source.ts';
import { glyphSource } from './glyphs.ts';
import { fashionMnist, idxSource, mnist } from './idx.ts';
import { imageFolderSource } from './image-folder.ts';
import { npzSource } from './npz-source.ts';

/** Every named data set; a new one is a file and a row here. */
export const dataSources: Readonly<Record<string, (options: SourceOptions) => DataSource>> = {
  glyphs: glyphSource,
  'cifar-10': (options) => cifarSource(cifar10, options),
  'cifar-100': (options) => cifarSource(cifar100, options),
  mnist: (options) => idxSource(mnist, options),
  'fashion-mnist': (options) => idxSource(fashionMnist, options),
};

/** The data set that `data.name` means: a known name, a file.npz, or a folder of images. Throws InputError for another. */
export function openDataSource(name: string, options: SourceOptions): DataSource {
  const known = Object.hasOwn(dataSources, name) ? dataSources[name] : undefined;
  if (known !== undefined) return known(options);
  if (name.endsWith('.npz')) return npzSource(name);
  if (existsSync(name) && statSync(name).isDirectory()) return imageFolderSource(name, options);
  const names = Object.keys(dataSources);
  throw new InputError(
    `data.name: unknown data set ${name}; did you mean ${closest(name, names)}? Allowed are ${names.join(', ')}, a file.npz, or a folder of images`,
  );
}
