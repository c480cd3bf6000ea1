import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { InputError, type InputErrorDetails } from '../input-error.ts';

/** Opens a file to read from it, gives it with its size, and closes it. Throws InputError of one line where it cannot be opened. */
export function withOpenFile<T>(path: string, use: (file: number, fileBytes: number) => T): T {
  const file = refusing(path, () => openSync(path, 'r'));
  try {
    const stat = fstatSync(file);
    // Opening a folder succeeds, and reading from it fails.
    if (stat.isDirectory()) throw unreadable(path, { code: 'EISDIR' });
    return use(file, stat.size);
  } finally {
    closeSync(file);
  }
}

/** All bytes of a file. Throws InputError of one line where it cannot be read. */
export const readBytes = (path: string, words?: UnreadableWords): Uint8Array =>
  refusing(path, () => readFileSync(path), words);

/** What `read` gives. Throws InputError of one line that names the path instead of what the file system throws. */
export function refusing<T>(path: string, read: () => T, words?: UnreadableWords): T {
  try {
    return read();
  } catch (error) {
    throw unreadable(path, error, words);
  }
}

/** What the refusal of an input says besides. */
export interface UnreadableWords {
  /** Before the path, such as `--episode-list `. */
  readonly before?: string;
  /** What to give, where nothing is there. */
  readonly ifMissing?: string;
  /** What to give in place of a folder. */
  readonly ifFolder?: string;
}

/** The one line about an input that cannot be read, with the code that programs know a missing file by. */
export function unreadable(
  path: string,
  error: unknown,
  { before = '', ifMissing, ifFolder = 'give a file' }: UnreadableWords = {},
): InputError {
  const { code } = error as NodeJS.ErrnoException;
  const details = missingDetails(error);
  if (details.code !== undefined)
    return new InputError(
      `${before}${path}: no such file${ifMissing === undefined ? '' : `; ${ifMissing}`}`,
      details,
    );
  return new InputError(
    code === 'EISDIR'
      ? `${before}${path}: is a folder; ${ifFolder}`
      : `${before}${path}: cannot be read (${code})`,
  );
}

/** The details of a refusal in other words: that the file is missing, where that is what the file system says. */
export const missingDetails = (error: unknown): InputErrorDetails =>
  ['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '') ? { code: 'no-such-file' } : {};
