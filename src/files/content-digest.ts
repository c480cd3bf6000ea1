import { createHash } from 'node:crypto';
import { type BigIntStats, mkdirSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError } from '../input-error.ts';
import { writeFileAtomic } from './atomic.ts';
import { refusing, withOpenFile } from './open-file.ts';

/** Below so many bytes a digest is made faster than it is looked up. */
const cachedFrom = 64 * 2 ** 20;
/** A file that was changed a moment ago may be changed again within the clock's step. */
const settledMs = 2_000;
/** Below the 40 links at which Linux gives up. */
const deepest = 32;

interface Listed {
  readonly name: string;
  readonly path: string;
  readonly stat: BigIntStats;
}

/**
 * SHA-256 of what a file or folder holds, as 64 hex digits; null where there is neither. A file's is of its bytes, as sha256sum prints it. A
 * folder's is of its files' names, sizes and digests in the order of names, so that a copy elsewhere has the same; names that begin with
 * a dot are left out, and where `only` is given all files but those. Digests of much data are kept in `cacheFolder` for as long as the files and their times of change stay. `now` is
 * the time in milliseconds. Throws InputError of one line that names what is there and cannot be read.
 */
export function contentDigest(
  path: string,
  cacheFolder: string | null,
  now = Date.now(),
  only: readonly string[] | null = null,
): string | null {
  const stat = statOf(path);
  if (stat === null) return null;
  const all = stat.isDirectory() ? listed(path, '', 0) : [{ name: '', path, stat }];
  const files = stat.isDirectory() && only !== null ? all.filter(({ name }) => only.includes(name)) : all;
  const bytes = files.reduce((sum, file) => sum + file.stat.size, 0n);
  const make = (): string =>
    stat.isDirectory()
      ? sha256(files.map((file) => `${file.name}\0${file.stat.size}\0${fileDigest(file.path)}\n`).join(''))
      : fileDigest(path);
  if (cacheFolder === null || bytes < cachedFrom) return make();
  const place = sha256([resolve(path), ...(only ?? [])].join('\0'));
  return kept(join(cacheFolder, 'contents', place), files, make, now);
}

/**
 * A digest that was made of the same files in the same state, else a new one. A copy that keeps the time of modification, as `cp -p` and
 * `rsync -t` do, still changes ctime.
 */
function kept(place: string, files: readonly Listed[], make: () => string, now: number): string {
  const seen = sha256(
    files
      .map(
        ({ name, stat }) =>
          `${name}\0${stat.size}\0${stat.mtimeNs}\0${stat.ctimeNs}\0${stat.dev}\0${stat.ino}\n`,
      )
      .join(''),
  );
  const [before, digest] = textOf(place).split(' ');
  if (before === seen && digest !== undefined && /^[0-9a-f]{64}$/.test(digest)) return digest;
  const made = make();
  const newest = files.reduce((latest, { stat }) => Math.max(latest, Number(stat.ctimeMs)), 0);
  if (newest < now - settledMs) {
    try {
      mkdirSync(join(place, '..'), { recursive: true });
      writeFileAtomic(place, `${seen} ${made}`);
    } catch {
      // A cache that cannot be written costs time only.
    }
  }
  return made;
}

const textOf = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

function listed(folder: string, under: string, depth: number): readonly Listed[] {
  if (depth > deepest)
    throw new InputError(
      `${folder.slice(0, -under.length)}/${under.split('/', 1)[0]}: more than ${deepest} folders deep, or a link to a folder above itself`,
    );
  return refusing(folder, () => readdirSync(folder))
    .filter((name) => !name.startsWith('.'))
    .sort()
    .flatMap((name): readonly Listed[] => {
      const path = join(folder, name);
      const stat = statOf(path);
      if (stat?.isDirectory()) return listed(path, `${under}${name}/`, depth + 1);
      return stat?.isFile() ? [{ name: `${under}${name}`, path, stat }] : [];
    });
}

/** Null for a path where nothing can be: not there, below a file, or longer than names may be. */
function statOf(path: string): BigIntStats | null {
  return refusing(path, () => {
    try {
      return statSync(path, { bigint: true });
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(code)) return null;
      throw error;
    }
  });
}

function fileDigest(path: string): string {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(2 ** 20);
  withOpenFile(path, (file) => {
    for (let read = readSync(file, buffer); read > 0; read = readSync(file, buffer))
      hash.update(buffer.subarray(0, read));
  });
  return hash.digest('hex');
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
