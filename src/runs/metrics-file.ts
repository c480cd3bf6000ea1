import { createHash } from 'node:crypto';
import {
  closeSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { formatVersion } from '../files/format-version.ts';

/** How much of metrics.jsonl there was when a checkpoint was made or the run was done, and what it was. */
export interface MetricsMark {
  readonly bytes: number;
  readonly sha256: string;
}

const read = (path: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return Buffer.alloc(0);
    throw error;
  }
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The file as it stands. */
export const markMetrics = (path: string): MetricsMark => {
  const bytes = read(path);
  return { bytes: bytes.length, sha256: sha256(bytes) };
};

/** Whether the file still starts with what was marked. */
export const startsAsMarked = (path: string, mark: MetricsMark): boolean => {
  const bytes = read(path);
  return bytes.length >= mark.bytes && sha256(bytes.subarray(0, mark.bytes)) === mark.sha256;
};

/** Drops what came after the mark. */
export const truncateMetrics = (path: string, { bytes }: Pick<MetricsMark, 'bytes'>): void => {
  if (read(path).length > bytes) truncateSync(path, bytes);
};

/** Appends one line and flushes it to the disk. Throws what the file system says, and leaves the file as it was: a full disk takes a part of a line. */
export const appendMetrics = (path: string, record: object): void => {
  const file = openSync(path, 'a');
  try {
    const { size } = fstatSync(file);
    try {
      writeFileSync(file, `${JSON.stringify({ format: formatVersion, ...record })}\n`);
      fsyncSync(file);
    } catch (error) {
      cutBack(file, size);
      throw error;
    }
  } finally {
    closeSync(file);
  }
};

const cutBack = (file: number, bytes: number): void => {
  try {
    ftruncateSync(file, bytes);
  } catch {
    // Resuming cuts the file at its checkpoint's mark.
  }
};
