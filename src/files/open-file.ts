import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { InputError } from '../input-error.ts';

/** Opens a file to read from it, gives it with its size, and closes it. Throws InputError of one line where it cannot be opened. */
export function withOpenFile<T>(path: string, use: (file: number, fileBytes: number) => T): T {
  const file = refusing(path, () => openSync(path, 'r'));
  try {
    return use(file, fstatSync(file).size);
  } finally {
    closeSync(file);
  }
}

/** All bytes of a file. Throws InputError of one line where it cannot be read. */
export const readBytes = (path: string): Uint8Array => refusing(path, () => readFileSync(path));

/** What `read` gives. Throws InputError of one line that names the path instead of what the file system throws. */
export function refusing<T>(path: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new InputError(`${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
