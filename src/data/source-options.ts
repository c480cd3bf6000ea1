import { dataFolder, imageCacheFolder } from './data-folder.ts';
import type { SourceOptions } from './data-source.ts';

/** Where data sets and decoded images are. */
export const sourceOptions = (
  environment: Readonly<Record<string, string | undefined>>,
): Pick<SourceOptions, 'dataFolder' | 'cacheFolder'> => ({
  dataFolder: dataFolder(environment),
  cacheFolder: imageCacheFolder(environment),
});
