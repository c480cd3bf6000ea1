import { readAt } from '../files/read-at.ts';
import { InputError } from '../input-error.ts';

/** What the central directory of a zip file says of one entry. */
export interface ZipEntry {
  readonly name: string;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly size: number;
  /** Of the local header, from the start of the file. */
  readonly offset: number;
}

const endRecord = 0x06054b50;
const end64Locator = 0x07064b50;
const end64Record = 0x06064b50;
const directoryRecord = 0x02014b50;
const unknown32 = 0xffffffff;

/** Reads the central directory of an open zip file, zip64 included (APPNOTE.TXT 6.3.10, 4.3). Throws InputError. */
export function readZipDirectory(file: number, fileBytes: number, path: string): ZipEntry[] {
  const { offset, length, count } = findDirectory(file, fileBytes, path);
  if (offset + length > fileBytes)
    throw new InputError(`${path}: truncated, its directory lies beyond its end`);
  const bytes = readAt(file, offset, length, path);
  const view = new DataView(bytes.buffer);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let i = 0; i < count; i++) {
    if (at + 46 > length || view.getUint32(at, true) !== directoryRecord)
      throw new InputError(`${path}: its directory announces ${count} entries and holds ${i}`);
    const nameEnd = at + 46 + view.getUint16(at + 28, true);
    const extraEnd = nameEnd + view.getUint16(at + 30, true);
    if (extraEnd > length) throw new InputError(`${path}: its directory ends within an entry`);
    const [size, compressedSize, start] = wideFields(view, nameEnd, extraEnd, [
      view.getUint32(at + 24, true),
      view.getUint32(at + 20, true),
      view.getUint32(at + 42, true),
    ]);
    entries.push({
      name: new TextDecoder().decode(bytes.subarray(at + 46, nameEnd)).replace(/\p{Cc}/gu, '?'),
      method: view.getUint16(at + 10, true),
      crc: view.getUint32(at + 16, true),
      compressedSize: compressedSize!,
      size: size!,
      offset: start!,
    });
    at = extraEnd + view.getUint16(at + 32, true);
  }
  return entries;
}

/** Fields that are all ones stand as 64-bit numbers in the zip64 extra block, in order. */
function wideFields(view: DataView, from: number, to: number, fields: readonly number[]): number[] {
  let at = from;
  while (at + 4 <= to && view.getUint16(at, true) !== 1) at += 4 + view.getUint16(at + 2, true);
  let next = at + 4;
  return fields.map((field) => {
    if (field !== unknown32 || next + 8 > to) return field;
    next += 8;
    return Number(view.getBigUint64(next - 8, true));
  });
}

function findDirectory(
  file: number,
  fileBytes: number,
  path: string,
): { offset: number; length: number; count: number } {
  const tailBytes = Math.min(fileBytes, 22 + 0xffff);
  const tailStart = fileBytes - tailBytes;
  const view = new DataView(readAt(file, tailStart, tailBytes, path).buffer);
  let at = tailBytes - 22;
  while (at >= 0 && view.getUint32(at, true) !== endRecord) at--;
  if (at < 0) throw new InputError(`${path}: is no zip file, or is truncated`);
  const wide = at >= 20 && view.getUint32(at - 20, true) === end64Locator;
  if (!wide)
    return {
      count: view.getUint16(at + 10, true),
      length: view.getUint32(at + 12, true),
      offset: view.getUint32(at + 16, true),
    };
  const recordAt = Number(view.getBigUint64(at - 12, true));
  const record =
    recordAt + 56 <= fileBytes ? new DataView(readAt(file, recordAt, 56, path).buffer) : undefined;
  if (record?.getUint32(0, true) !== end64Record)
    throw new InputError(`${path}: its zip64 directory is not there`);
  return {
    count: Number(record.getBigUint64(32, true)),
    length: Number(record.getBigUint64(40, true)),
    offset: Number(record.getBigUint64(48, true)),
  };
}
