import { decodeImage } from '../backend/kernels/decode-image.ts';
import { dataFolder, imageCacheFolder } from './data-folder.ts';
import type { SourceOptions } from './data-source.ts';

/** Where data sets and decoded images are, and how image files are read. */
export const sourceOptions = (
  environment: Readonly<Record<string, string | undefined>>,
): Pick<SourceOptions, 'dataFolder' | 'cacheFolder' | 'decode'> => ({
  dataFolder: dataFolder(environment),
  cacheFolder: imageCacheFolder(environment),
  decode: decodeImage,
});
