import { parquetHeader } from 'hyparquet/src/column.js';
import type { PageHeader } from 'hyparquet/src/types.js';
import { decompress } from './decompress.ts';
import { type ParquetValue, readHybrid, readPlain } from './page-values.ts';
import { endOfStruct } from './thrift-limits.ts';

/** What the footer says of one column in one row group. */
export interface ColumnChunk {
  readonly type: string;
  readonly codec: string;
  readonly rows: number;
  /** How many of the leaf and the structs around it may be absent. */
  readonly maxDefinition: number;
}

/**
 * All values of a column in one row group, whose pages are `bytes`. Plain and dictionary encoding, pages of versions 1 and 2, no lists. Every
 * size is asked before memory is taken. Throws Error of one line for bytes that contradict themselves.
 */
export function readColumnChunk(bytes: Uint8Array, chunk: ColumnChunk): ParquetValue[] {
  const values: ParquetValue[] = [];
  let dictionary: readonly ParquetValue[] | undefined;
  let at = 0;
  while (values.length < chunk.rows) {
    const start = endOfStruct(bytes, at);
    // On a copy, because the library's reader does not stop at the header's end.
    const head = bytes.slice(at, start);
    const header = parquetHeader({ view: new DataView(head.buffer), offset: 0 });
    const size = header.compressed_page_size;
    if (!(size >= 0 && start + size <= bytes.length)) throw new Error('a page ends after its column');
    const page = bytes.subarray(start, start + size);
    at = start + size;
    if (header.type === 'DICTIONARY_PAGE') {
      const count = header.dictionary_page_header?.num_values ?? -1;
      if (dictionary !== undefined) throw new Error('a column with two dictionaries');
      dictionary = readPlain(
        decompress(page, header.uncompressed_page_size, chunk.codec),
        chunk.type,
        nonNegative(count, bytes.length),
      );
    } else if (header.type === 'DATA_PAGE' || header.type === 'DATA_PAGE_V2') {
      const found = readDataPage(page, header, chunk, dictionary, chunk.rows - values.length);
      for (const value of found) values.push(value);
    }
  }
  return values;
}

interface Levels {
  readonly count: number;
  readonly encoding: string;
  /** Null where every value is there. */
  readonly definition: Int32Array | null;
  readonly values: Uint8Array;
}

function readDataPage(
  page: Uint8Array,
  header: PageHeader,
  chunk: ColumnChunk,
  dictionary: readonly ParquetValue[] | undefined,
  left: number,
): ParquetValue[] {
  const {
    count,
    encoding,
    definition,
    values: body,
  } = header.type === 'DATA_PAGE'
    ? levelsOf(page, header, chunk, left)
    : levelsOfV2(page, header, chunk, left);
  const isThere = definition?.map((level) => (level === chunk.maxDefinition ? 1 : 0));
  const present = isThere === undefined ? count : isThere.reduce((sum, each) => sum + each, 0);
  const found = readValues(body, encoding, chunk.type, present, dictionary);
  if (isThere === undefined) return found;
  let next = 0;
  return Array.from(isThere, (each) => (each === 1 ? found[next++]! : null));
}

function readValues(
  body: Uint8Array,
  encoding: string,
  type: string,
  count: number,
  dictionary: readonly ParquetValue[] | undefined,
): ParquetValue[] {
  if (count === 0) return [];
  if (encoding === 'PLAIN') return readPlain(body, type, count);
  if (encoding !== 'RLE_DICTIONARY' && encoding !== 'PLAIN_DICTIONARY')
    throw new Error(
      `a column in the encoding ${encoding}; write it plain or with a dictionary, as pyarrow does`,
    );
  if (dictionary === undefined || body.length === 0) throw new Error('indices without a dictionary');
  return Array.from(readHybrid(body.subarray(1), body[0]!, count), (index) => {
    const value = dictionary[index];
    if (value === undefined) throw new Error(`index ${index} into a dictionary of ${dictionary.length}`);
    return value;
  });
}

function levelsOf(page: Uint8Array, header: PageHeader, chunk: ColumnChunk, left: number): Levels {
  const { num_values = -1, encoding = 'none' } = header.data_page_header ?? {};
  const count = nonNegative(num_values, left);
  const values = decompress(page, header.uncompressed_page_size, chunk.codec);
  if (chunk.maxDefinition === 0) return { count, encoding, definition: null, values };
  if (values.length < 4) throw new Error('a page ends within its levels');
  const length = new DataView(values.buffer, values.byteOffset).getUint32(0, true);
  if (length > values.length - 4) throw new Error('a page ends within its levels');
  const definition = readLevels(values.subarray(4, 4 + length), chunk, count);
  return { count, encoding, definition, values: values.subarray(4 + length) };
}

function levelsOfV2(page: Uint8Array, header: PageHeader, chunk: ColumnChunk, left: number): Levels {
  const two = header.data_page_header_v2;
  const count = nonNegative(two?.num_values ?? -1, left);
  const length = two?.definition_levels_byte_length ?? 0;
  if ((two?.repetition_levels_byte_length ?? 0) !== 0 || !(length >= 0 && length <= page.length))
    throw new Error('a page ends within its levels');
  const body = page.subarray(length);
  const values =
    two?.is_compressed === false
      ? body
      : decompress(body, header.uncompressed_page_size - length, chunk.codec);
  const definition = chunk.maxDefinition === 0 ? null : readLevels(page.subarray(0, length), chunk, count);
  return { count, encoding: two?.encoding ?? 'none', definition, values };
}

const readLevels = (bytes: Uint8Array, { maxDefinition }: ColumnChunk, count: number): Int32Array =>
  readHybrid(bytes, 32 - Math.clz32(maxDefinition), count);

function nonNegative(count: number, limit: number): number {
  if (!(count >= 0 && count <= limit))
    throw new Error(`a page announces ${count} values where at most ${limit} can be`);
  return count;
}
