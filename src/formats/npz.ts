import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { crc32, inflateRawSync } from 'node:zlib';
import { zipSync } from 'fflate';
import { writeFileAtomic } from '../files/atomic.ts';
import { withOpenFile } from '../files/open-file.ts';
import { readAt } from '../files/read-at.ts';
import { InputError } from '../input-error.ts';
import { type NpyArray, parseNpy } from './npy.ts';
import { encodeNpy } from './npy-encode.ts';
import { readZipDirectory, type ZipEntry } from './zip-directory.ts';

export interface NpzLimits {
  /** Largest size of all arrays together, in bytes. */
  readonly totalBytes?: number;
  /** Largest ratio of that size to the file's; arrays under 256 MiB in all are exempt. */
  readonly expansion?: number;
}

const exemptBytes = 2 ** 28;
/** Deflate cannot do better (RFC 1951: 258 bytes from 2 bits). */
const deflateBound = 1032;

/**
 * Reads the arrays of a .npz file by name, without the `.npy`; `only` leaves the others unread, `required` must be there. What the zip directory and
 * the array headers declare is checked before memory is taken. Throws InputError of one line: not a zip, truncated, sizes or
 * checksums that do not match, a declared size beyond the limits, dtypes that are not read.
 */
export function readNpz(
  path: string,
  {
    only,
    required = [],
    totalBytes = 2 ** 33,
    expansion = 200,
  }: NpzLimits & { readonly only?: readonly string[]; readonly required?: readonly string[] } = {},
): Map<string, NpyArray> {
  return withOpenFile(path, (file, fileBytes) => {
    const entries = readZipDirectory(file, fileBytes, path);
    const declared = entries.reduce((sum, entry) => sum + entry.size, 0);
    if (declared > totalBytes)
      throw new InputError(`${path}: declares ${declared} bytes of arrays; the limit is ${totalBytes}`);
    if (declared > exemptBytes && declared > expansion * fileBytes)
      throw new InputError(
        `${path}: ${fileBytes} bytes that declare ${declared} bytes of arrays look like a zip bomb; the limit is ${expansion} times`,
      );
    const arrays = new Map<string, NpyArray>();
    const names = entries.map((entry) => entry.name.replace(/\.npy$/, ''));
    for (const [index, entry] of entries.entries()) {
      const name = names[index]!;
      if (only === undefined || only.includes(name))
        arrays.set(name, parseNpy(readZipEntry(file, fileBytes, entry, path), `${path}: ${entry.name}`));
    }
    const missing = required.filter((name) => !names.includes(name));
    if (missing.length > 0) {
      const unnamed = names.some((name) => /^arr_\d+$/.test(name));
      const found = names.slice(0, 8).join(', ') || 'none';
      const advice = unnamed
        ? `; name them: np.savez(path, ${required.map((name) => `${name}=...`).join(', ')})`
        : '';
      throw new InputError(`${path}: expected the arrays ${required.join(' and ')}, found ${found}${advice}`);
    }
    return arrays;
  });
}

/** The bytes of one entry, its sizes and checksum checked; a size that the file cannot hold is refused before memory is taken. Throws InputError. */
export function readZipEntry(file: number, fileBytes: number, entry: ZipEntry, path: string): Uint8Array {
  const where = `${path}: ${entry.name}`;
  if (entry.offset + 30 > fileBytes) throw new InputError(`${where}: lies beyond the end of the file`);
  const local = readAt(file, entry.offset, 30, where);
  const view = new DataView(local.buffer);
  if (view.getUint32(0, true) !== 0x04034b50)
    throw new InputError(`${where}: no entry where the directory says`);
  const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  if (start + entry.compressedSize > fileBytes)
    throw new InputError(
      `${where}: truncated, ${fileBytes} bytes of ${start + entry.compressedSize} are there`,
    );
  const sizesAgree =
    entry.method === 0
      ? entry.size === entry.compressedSize
      : entry.size <= deflateBound * entry.compressedSize + 64;
  if (!sizesAgree)
    throw new InputError(
      `${where}: ${entry.compressedSize} bytes cannot hold the ${entry.size} that it declares`,
    );
  const packed = readAt(file, start, entry.compressedSize, where);
  const bytes = entry.method === 0 ? packed : inflate(packed, entry, where);
  if (bytes.length !== entry.size)
    throw new InputError(`${where}: declares ${entry.size} bytes, holds ${bytes.length}`);
  if (crc32(bytes) !== entry.crc) throw new InputError(`${where}: damaged, its checksum differs`);
  return bytes;
}

function inflate(packed: Uint8Array, entry: ZipEntry, where: string): Uint8Array {
  if (entry.method !== 8) throw new InputError(`${where}: compression method ${entry.method} is not read`);
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      throw new InputError(`${where}: holds more than the ${entry.size} bytes that it declares`);
    throw new InputError(`${where}: damaged compressed data (${code})`);
  }
}

/** What a zip of 32-bit sizes holds; fflate writes no other, and cuts larger sizes in silence. */
const zipBytes = 2 ** 32 - 1;

/**
 * Writes arrays by name as an uncompressed .npz, whole or not at all; the same arrays give the same bytes. Throws an error with the code
 * EFBIG for arrays of more than `most` bytes.
 */
export function writeNpz(
  path: string,
  arrays: Readonly<Record<string, Omit<NpyArray, 'dtype'>>>,
  most = zipBytes,
): void {
  const entries = Object.fromEntries(
    Object.entries(arrays).map(([name, array]) => [`${name}.npy`, encodeNpy(array)]),
  );
  // Names and headers of the entries are under a kilobyte each.
  const bytes = Object.values(entries).reduce((sum, { length }) => sum + length + 1024, 0);
  if (bytes > most)
    throw Object.assign(new Error(`${path}: ${bytes} bytes; an .npz holds at most ${most}`), {
      code: 'EFBIG',
    });
  mkdirSync(dirname(path), { recursive: true });
  // The zip format starts in 1980 and has local times.
  writeFileAtomic(path, zipSync(entries, { level: 0, mtime: new Date(1980, 0, 1) }));
}
