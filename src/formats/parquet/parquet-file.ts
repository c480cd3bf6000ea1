import type { FileMetaData, SchemaElement } from 'hyparquet';
import { parquetMetadata } from 'hyparquet';
import { withOpenFile } from '../../files/open-file.ts';
import { readAt } from '../../files/read-at.ts';
import { InputError } from '../../input-error.ts';
import { readColumnChunk } from './column-chunk.ts';
import type { ParquetValue } from './page-values.ts';
import { endOfStruct } from './thrift-limits.ts';

export interface ParquetColumn {
  /** Dotted, such as `image.bytes`. */
  readonly name: string;
  readonly type: string;
  /** Whether the schema calls it a text. */
  readonly isText: boolean;
  readonly maxDefinition: number;
  readonly isRepeated: boolean;
}

/** A Parquet file whose footer has been read and checked. */
export interface ParquetFile {
  readonly path: string;
  readonly fileBytes: number;
  readonly rows: number;
  readonly columns: readonly ParquetColumn[];
  readonly keyValues: ReadonlyMap<string, string>;
  readonly metadata: FileMetaData;
}

/** Reads a file's footer. Throws InputError of one line where it is no Parquet, or contradicts itself or its size. */
export function openParquet(path: string): ParquetFile {
  return withFile(path, (file, fileBytes) => {
    const tail = fileBytes < 12 ? new Uint8Array(8) : readAt(file, fileBytes - 8, 8, path);
    if (new TextDecoder('latin1').decode(tail.subarray(4)) !== 'PAR1')
      throw new Error('no Parquet file: it does not end in PAR1');
    const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
    if (length > fileBytes - 12) throw new Error(`its footer of ${length} bytes is longer than the file`);
    const footer = readAt(file, fileBytes - 8 - length, length + 8, path);
    if (endOfStruct(footer.subarray(0, length), 0) !== length)
      throw new Error('its footer holds more than its metadata');
    const metadata = parquetMetadata(footer, { geoparquet: false });
    const rows = checkedRows(metadata, fileBytes);
    const keyValues = new Map(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value ?? '']),
    );
    return { path, fileBytes, rows, columns: columnsOf(metadata.schema), keyValues, metadata };
  });
}

/** Values of a column, row group by row group. Throws InputError of one line that names the file. */
export function* readParquetColumn(
  parquet: ParquetFile,
  column: ParquetColumn,
): Generator<ParquetValue[], void, void> {
  const { path, fileBytes, metadata, columns } = parquet;
  const index = columns.indexOf(column);
  let read = 0;
  for (const group of metadata.row_groups) {
    if (group.num_rows === 0n) continue;
    yield withFile(path, (file) => {
      const meta = group.columns[index]?.meta_data;
      if (meta === undefined || meta.path_in_schema.join('.') !== column.name || meta.type !== column.type)
        throw new Error(`its row groups lack the column ${column.name}`);
      if (group.columns[index]!.file_path !== undefined) throw new Error('its columns lie in another file');
      const dictionary = Number(meta.dictionary_page_offset ?? 0);
      const data = Number(meta.data_page_offset);
      const start = dictionary > 0 ? Math.min(dictionary, data) : data;
      const length = Number(meta.total_compressed_size);
      if (!(start >= 4 && length >= 0 && start + length <= fileBytes - 8))
        throw new Error(`the column ${column.name} lies beyond the file's end`);
      read += length;
      if (read > fileBytes) throw new Error(`the row groups of ${column.name} lie over each other`);
      const rows = Number(group.num_rows);
      if (Number(meta.num_values) !== rows)
        throw new Error(`the column ${column.name} has ${meta.num_values} values in ${rows} rows`);
      const bytes = readAt(file, start, length, path);
      const { type, maxDefinition } = column;
      return readColumnChunk(bytes, { type, maxDefinition, rows, codec: String(meta.codec) });
    });
  }
}

/** An image takes some bytes: no file of images has more rows than this share of its bytes. */
const bytesPerRow = 16;

function checkedRows({ num_rows, row_groups }: FileMetaData, fileBytes: number): number {
  const groups = row_groups.map((group) => Number(group.num_rows));
  const rows = Number(num_rows);
  if (groups.some((each) => !(each >= 0)) || groups.reduce((sum, each) => sum + each, 0) !== rows)
    throw new Error(`its row groups do not add up to ${rows} rows`);
  if (rows * bytesPerRow > fileBytes) throw new Error(`${fileBytes} bytes announce ${rows} rows of images`);
  return rows;
}

/** Leaves of the schema, in the order of the row groups' columns. The schema is a tree in depth-first order. */
function columnsOf(schema: readonly SchemaElement[]): ParquetColumn[] {
  const columns: ParquetColumn[] = [];
  let at = 1;
  const walk = (
    count: number,
    names: readonly string[],
    maxDefinition: number,
    isRepeated: boolean,
  ): void => {
    for (let i = 0; i < count; i++) {
      const element = schema[at++];
      if (element === undefined || names.length > 8) throw new Error('its schema is no tree');
      const { type, name, num_children = 0, repetition_type, converted_type, logical_type } = element;
      const path = [...names, name];
      const definition = maxDefinition + (repetition_type === 'REQUIRED' ? 0 : 1);
      const repeats = isRepeated || repetition_type === 'REPEATED';
      if (type === undefined) walk(num_children, path, definition, repeats);
      else
        columns.push({
          name: path.join('.'),
          type,
          isText: converted_type === 'UTF8' || logical_type?.type === 'STRING',
          maxDefinition: definition,
          isRepeated: repeats,
        });
    }
  };
  walk(schema[0]?.num_children ?? 0, [], 0, false);
  return columns;
}

/** `withOpenFile`, with every error about the content as one line. */
function withFile<T>(path: string, use: (file: number, fileBytes: number) => T): T {
  try {
    return withOpenFile(path, use);
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${path}: ${(error as Error).message.split('\n')[0]}`);
  }
}
