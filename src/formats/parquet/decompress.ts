import * as zlib from 'node:zlib';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { snappyUncompress } from 'hyparquet';

/** How many times a compressed page grows at most: snappy's longest copy is 64 bytes from 3. */
const growth: Readonly<Record<string, number>> = { SNAPPY: 22, GZIP: 1032, BROTLI: 1032, ZSTD: 1032 };

/** Node has it from 22.15 on. */
const unzstd = (zlib as { zstdDecompressSync?: typeof gunzipSync }).zstdDecompressSync;

/** The bytes of a page, of which there must be `size`. Throws Error where the size cannot be true or the codec is not read. */
export function decompress(bytes: Uint8Array, size: number, codec: string): Uint8Array {
  const limit = bytes.length * (growth[codec] ?? 1) + 16;
  if (!(size >= 0 && size <= limit))
    throw new Error(`a page of ${bytes.length} bytes (${codec}) announces ${size}`);
  const page = inflate(bytes, size, codec);
  if (page.length !== size) throw new Error(`a page announces ${size} bytes and holds ${page.length}`);
  return page;
}

function inflate(bytes: Uint8Array, size: number, codec: string): Uint8Array {
  if (codec === 'UNCOMPRESSED') return bytes;
  if (codec === 'SNAPPY') {
    const page = new Uint8Array(size);
    if (size > 0) snappyUncompress(bytes, page);
    return page;
  }
  const options = { maxOutputLength: Math.max(1, size) };
  if (codec === 'GZIP') return gunzipSync(bytes, options);
  if (codec === 'BROTLI') return brotliDecompressSync(bytes, options);
  if (codec === 'ZSTD' && unzstd !== undefined) return unzstd(bytes, options);
  const newer = codec === 'ZSTD' ? ', which needs Node 22.15 or later' : '';
  throw new Error(
    `compressed by ${codec}${newer}; write it with snappy, gzip, brotli or without compression`,
  );
}
