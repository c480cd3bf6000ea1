import type { ParquetValue } from '../formats/parquet/page-values.ts';
import { type ParquetFile, readParquetColumn } from '../formats/parquet/parquet-file.ts';
import { InputError } from '../input-error.ts';
import type { ImageSet } from './image-set.ts';
import type { ImageColumns } from './parquet-columns.ts';

/** Labels are indices into the class names, one per row of all files. */
export type NamedLabels = Pick<ImageSet, 'labels' | 'classNames' | 'hasNumberedClasses'>;

interface LabelledFile {
  readonly parquet: ParquetFile;
  readonly columns: ImageColumns;
}

/**
 * The labels of files one after another. Numbers are called as the file's metadata say, or else by themselves; texts are their own class names.
 * Throws InputError for a row without a label, a number below 0 or without a name, and files that differ in their columns or names.
 */
export function nameLabels(files: readonly LabelledFile[]): NamedLabels {
  const [first] = files;
  for (const file of files.slice(1)) checkNames(first!, file);
  const found = files.flatMap((file) => rowsOf(file));
  const names = first!.columns.names ?? [...new Set(found)].sort(byNumberOrText).map(String);
  const position = first!.columns.names === null ? new Map(names.map((name, at) => [name, at])) : null;
  const labels = Int32Array.from(found, (label) =>
    position === null ? Number(label) : position.get(String(label))!,
  );
  const hasNumberedClasses = first!.columns.names === null && !first!.columns.label.isText;
  return { labels, classNames: names, hasNumberedClasses };
}

function rowsOf({ parquet, columns }: LabelledFile): (number | string)[] {
  const rows: (number | string)[] = [];
  for (const values of readParquetColumn(parquet, columns.label))
    for (const value of values)
      rows.push(checkedLabel(value, columns, `${parquet.path}: ${columns.label.name} of row ${rows.length}`));
  return rows;
}

function checkedLabel(value: ParquetValue, { names }: ImageColumns, where: string): number | string {
  if (value === null) throw new InputError(`${where}: is null; every image needs a label`);
  if (value instanceof Uint8Array) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(value);
      if (text !== '') return text;
    } catch {
      throw new InputError(`${where}: is not UTF-8`);
    }
    throw new InputError(`${where}: is an empty text; every image needs a label`);
  }
  const label = Number(value);
  if (label < 0) throw new InputError(`${where}: is ${label}, which stands for no label; expected 0 or more`);
  if (names !== null && label >= names.length)
    throw new InputError(
      `${where}: is ${label}, but the metadata name ${names.length} classes, 0 to ${names.length - 1}`,
    );
  if (label > 0x7fffffff) throw new InputError(`${where}: is ${label}; expected at most 2147483647`);
  return label;
}

/** Throws InputError where two files of a data set hold images or labels under other names, or where only one names its classes. */
export function checkColumns(one: LabelledFile, other: LabelledFile): void {
  for (const key of ['image', 'label'] as const)
    if (
      one.columns[key].name !== other.columns[key].name ||
      one.columns[key].isText !== other.columns[key].isText
    )
      throw new InputError(
        `${other.parquet.path}: its ${key} column is ${other.columns[key].name}, and ${one.columns[key].name} in ${one.parquet.path}`,
      );
  if ((one.columns.names === null) !== (other.columns.names === null)) {
    const [named, bare] = one.columns.names === null ? [other, one] : [one, other];
    throw new InputError(
      `${bare.parquet.path}: its labels have no names, and those of ${named.parquet.path} have; numbers and names are not compared`,
    );
  }
}

function checkNames(one: LabelledFile, other: LabelledFile): void {
  if (JSON.stringify(one.columns.names) !== JSON.stringify(other.columns.names))
    throw new InputError(
      `${other.parquet.path}: its metadata name other classes than those of ${one.parquet.path}`,
    );
}

const byNumberOrText = (a: number | string, b: number | string): number =>
  typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : 1;
