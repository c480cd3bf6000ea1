import { readSync } from 'node:fs';
import { InputError } from '../input-error.ts';

/** Reads exactly `length` bytes at `offset`; several calls where the system returns fewer. */
export function readAt(file: number, offset: number, length: number, where: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const count = readSync(file, bytes, done, Math.min(length - done, 2 ** 30), offset + done);
    if (count === 0) throw new InputError(`${where}: truncated at ${offset + done} bytes`);
    done += count;
  }
  return bytes;
}
