import { parquetWriteBuffer } from 'hyparquet-writer';

export type ParquetCell = string | number | boolean | null;

/**
 * A table as a Parquet file with a column for each key that a row has, in the order met: int64 for the names in `wholeNumbers`, else
 * booleans, doubles or texts. All are nullable, and null where a row lacks the key.
 */
export function encodeParquet(
  rows: readonly Readonly<Record<string, ParquetCell>>[],
  wholeNumbers: ReadonlySet<string>,
): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columnData = names.map((name) => {
    const cells = rows.map((row) => row[name] ?? null);
    if (wholeNumbers.has(name))
      return { name, type: 'INT64' as const, nullable: true, data: cells.map(asBigInt) };
    const type = columnType(cells);
    return { name, type, nullable: true, data: type === 'STRING' ? cells.map(asText) : cells };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}

/** The type that all values have; where they are mixed, text. */
function columnType(cells: readonly ParquetCell[]): 'BOOLEAN' | 'DOUBLE' | 'STRING' {
  const types = new Set(cells.filter((cell) => cell !== null).map((cell) => typeof cell));
  if (types.size === 1 && types.has('boolean')) return 'BOOLEAN';
  return types.size === 1 && types.has('number') ? 'DOUBLE' : 'STRING';
}

const asBigInt = (cell: ParquetCell): bigint | null => (cell === null ? null : BigInt(cell));
const asText = (cell: ParquetCell): string | null => (cell === null ? null : String(cell));
