import { varintAt } from './thrift-limits.ts';

/** A leaf's values: bytes of byte arrays, numbers of INT32, bigints of INT64; null where there is none. */
export type ParquetValue = Uint8Array | number | bigint | null;

/**
 * Reads `count` numbers of the RLE and bit-packed hybrid (Encodings.md of the Parquet format) from `bytes`. Throws Error where runs are
 * longer or shorter than that.
 */
export function readHybrid(bytes: Uint8Array, width: number, count: number): Int32Array {
  if (width > 32) throw new Error(`indices of ${width} bits`);
  const values = new Int32Array(count);
  if (width === 0) return values;
  let seen = 0;
  let at = 0;
  while (seen < count) {
    const { value: header, end } = varintAt(bytes, at);
    at = end;
    const run = Math.floor(header / 2);
    if (run === 0) throw new Error('an empty run of indices');
    if (header % 2 === 1) {
      // Groups of eight; the last may be filled up.
      const bits = Math.min(8 * run, count - seen);
      if (run * width > bytes.length - at && Math.ceil((bits * width) / 8) > bytes.length - at)
        throw new Error('a page ends within its indices');
      for (let i = 0; i < bits; i++) values[seen + i] = packedAt(bytes, at, i * width, width);
      at += run * width;
      seen += bits;
    } else {
      if (run > count - seen) throw new Error(`a run of ${run} indices where ${count - seen} are left`);
      const step = Math.ceil(width / 8);
      if (at + step > bytes.length) throw new Error('a page ends within its indices');
      let value = 0;
      for (let i = 0; i < step; i++) value |= bytes[at + i]! << (8 * i);
      values.fill(value, seen, seen + run);
      at += step;
      seen += run;
    }
  }
  return values;
}

/** `width` bits from a bit on, least significant first. */
function packedAt(bytes: Uint8Array, start: number, bit: number, width: number): number {
  let value = 0;
  for (let i = 0; i < width; ) {
    const place = bit + i;
    const offset = place % 8;
    const take = Math.min(8 - offset, width - i);
    value |= ((bytes[start + Math.floor(place / 8)]! >> offset) & ((1 << take) - 1)) << i;
    i += take;
  }
  return value;
}

/** Reads `count` plain values of a type. Throws Error where the bytes end before. */
export function readPlain(bytes: Uint8Array, type: string, count: number): ParquetValue[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const itemBytes = type === 'INT32' ? 4 : type === 'INT64' ? 8 : type === 'BYTE_ARRAY' ? 4 : 0;
  if (itemBytes === 0) throw new Error(`a column of the type ${type}`);
  if (count * itemBytes > bytes.length)
    throw new Error(`a page of ${bytes.length} bytes announces ${count} values`);
  const values: ParquetValue[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    if (at + itemBytes > bytes.length) throw new Error('a page ends within its values');
    if (type === 'INT32') values.push(view.getInt32(at, true));
    else if (type === 'INT64') values.push(view.getBigInt64(at, true));
    else {
      const length = view.getUint32(at, true);
      if (length > bytes.length - at - 4) throw new Error('a page ends within its values');
      values.push(bytes.subarray(at + 4, at + 4 + length));
      at += length;
    }
    at += itemBytes;
  }
  return values;
}
