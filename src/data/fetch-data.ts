import { createReadStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { InputError } from '../input-error.ts';
import type { RemoteDataSet, RemoteFile } from './data-set.ts';
import { type Downloaded, downloadFile } from './download.ts';

export interface FetchOptions {
  readonly dataFolder: string;
  /** Address of a folder that holds the same files; the publisher's where absent. */
  readonly mirror?: string | undefined;
  readonly onProgress?: (downloaded: Downloaded) => void;
}

export interface Fetched {
  readonly folder: string;
  readonly alreadyThere: boolean;
}

/**
 * Brings a data set into `dataFolder`: downloads to `.downloads/`, checks, unpacks beside the final folder, and renames, so
 * that the final folder is complete or absent. Throws InputError of one line.
 */
export async function fetchDataSet(
  remote: RemoteDataSet,
  { dataFolder, mirror, onProgress }: FetchOptions,
): Promise<Fetched> {
  const folder = join(dataFolder, remote.folder);
  if (existsSync(folder)) {
    const lacking = remote.required.filter((name) => !isThere(join(folder, name)));
    if (lacking.length === 0) return { folder, alreadyThere: true };
    throw new InputError(
      `${folder} is there but lacks ${lacking.join(', ')}; move it away, then fetch again`,
    );
  }
  const downloads = join(dataFolder, '.downloads', remote.name);
  let unpacked: string | undefined;
  try {
    mkdirSync(downloads, { recursive: true });
    const paths: string[] = [];
    for (const file of remote.files) {
      const path = join(downloads, fileName(file));
      await downloadFile(mirrored(file, mirror), path, onProgress);
      paths.push(path);
    }
    if (remote.archive) {
      unpacked = mkdtempSync(join(dataFolder, `.unpacking-${remote.name}-`));
      await unpack(paths[0]!, unpacked, remote);
      renameSync(join(unpacked, remote.folder), folder);
    } else renameSync(downloads, folder);
    rmSync(downloads, { recursive: true, force: true });
  } catch (error) {
    const { code, path } = error as NodeJS.ErrnoException;
    if (error instanceof InputError || code === undefined) throw error;
    throw new InputError(`${remote.name}: cannot write ${path ?? dataFolder} (${code})`);
  } finally {
    if (unpacked !== undefined) rmSync(unpacked, { recursive: true, force: true });
  }
  return { folder, alreadyThere: false };
}

/** IDX files serve unpacked as well. */
const isThere = (path: string): boolean => existsSync(path) || existsSync(path.replace(/\.gz$/, ''));

const fileName = (file: RemoteFile): string => basename(new URL(file.url).pathname);

function mirrored(file: RemoteFile, mirror: string | undefined): RemoteFile {
  if (mirror === undefined) return file;
  const url = `${mirror.replace(/\/+$/, '')}/${fileName(file)}`;
  if (!URL.canParse(url) || !/^https?:/.test(url))
    throw new InputError(`mirror ${mirror}: expected an address that begins with http:// or https://`);
  return { ...file, url };
}

/** Only plain files of the expected folder are written; links and other paths in the archive are left out. */
async function unpack(archive: string, into: string, remote: RemoteDataSet): Promise<void> {
  const wanted = new Set(remote.required.map((name) => `${remote.folder}/${name}`));
  try {
    await pipeline(
      createReadStream(archive),
      createGunzip(),
      unpackTar(into, {
        filter: ({ name, type }) => type === 'file' && wanted.has(name.replace(/^\.\//, '')),
        fmode: 0o644,
        dmode: 0o755,
      }),
    );
  } catch (error) {
    throw new InputError(
      `${archive}: cannot be unpacked (${(error as Error).message.split('\n')[0]}); remove it and fetch again`,
    );
  }
  const lacking = remote.required.filter((name) => !existsSync(join(into, remote.folder, name)));
  if (lacking.length > 0)
    throw new InputError(`${archive}: expected ${remote.folder}/ with ${lacking.join(', ')}, found none`);
}
