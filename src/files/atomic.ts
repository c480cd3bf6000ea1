import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/**
 * Files and folders that are complete or absent: written under a temporary name in the same folder, flushed to the disk,
 * then renamed. A writer that is killed leaves only a temporary name, which nobody reads and `removeTemporaries` deletes.
 */

const temporaryMark = '.tmp-';
let counter = 0;

/** A name beside `path` that no other writer uses, on this host or another: it holds the process and the time. */
export function temporaryName(path: string): string {
  counter += 1;
  const unique = `${process.pid.toString(36)}-${Date.now().toString(36)}-${counter.toString(36)}`;
  return join(dirname(path), `.${basename(path)}${temporaryMark}${unique}`);
}

export const isTemporaryName = (name: string): boolean =>
  name.startsWith('.') && name.includes(temporaryMark);

/** Writes the file in one piece, replacing what was there. Throws what the file system says (ENOSPC, EACCES, ...). */
export function writeFileAtomic(path: string, content: string | Uint8Array): void {
  const temporary = temporaryName(path);
  try {
    const file = openSync(temporary, 'w');
    try {
      writeFileSync(file, content);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
  flushFolder(dirname(path));
}

/**
 * Makes a folder whose content `write` puts into the temporary folder it is given. A folder of that name is replaced:
 * there is then a moment without either, never one with half of it.
 */
export async function writeFolderAtomic(
  folder: string,
  write: (temporary: string) => Promise<void> | void,
): Promise<void> {
  const temporary = temporaryName(folder);
  await mkdir(temporary, { recursive: true });
  try {
    await write(temporary);
    flushTree(temporary);
    replaceFolder(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  flushFolder(dirname(folder));
}

function replaceFolder(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    const old = temporaryName(to);
    renameSync(to, old);
    renameSync(from, to);
    rmSync(old, { recursive: true, force: true });
  }
}

/** Deletes what killed writers left in a folder. Only for whoever holds the folder's lock: it does not ask who writes. */
export async function removeTemporaries(folder: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter(isTemporaryName)) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}

function flushTree(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (statSync(path).isDirectory()) flushTree(path);
    else flushPath(path, 'r+');
  }
  flushFolder(folder);
}

function flushPath(path: string, flags: string): void {
  const file = openSync(path, flags);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * Makes a rename in the folder durable; file systems that cannot flush a folder do not need it, and a folder that is gone
 * already (the next holder of a lock deletes the last one's) neither.
 */
function flushFolder(folder: string): void {
  try {
    flushPath(folder, 'r');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (!['EISDIR', 'EINVAL', 'EPERM', 'EACCES', 'ENOENT'].includes(code ?? '')) throw error;
  }
}
