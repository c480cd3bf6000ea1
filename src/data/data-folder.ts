import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where data sets are looked for: GCNC_DATA_DIR, else gcnc/ in the user's data folder (XDG base directories). */
export const dataFolder = (env: Environment): string =>
  env.GCNC_DATA_DIR || join(env.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'gcnc');

/** Where what is made of data is kept: decoded images, digests of contents. */
export const dataCacheFolder = (env: Environment): string =>
  join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'gcnc');

/** Where decoded images are kept. */
export const imageCacheFolder = (env: Environment): string => join(dataCacheFolder(env), 'images');

/** Where data sets and decoded images are, as sources take it. */
export const sourceOptions = (env: Environment) => ({
  dataFolder: dataFolder(env),
  cacheFolder: imageCacheFolder(env),
});
