import type { Cell, Row } from './figures/figure.ts';

/** A config's value as a cell: lists and mappings as JSON, absent as null. */
export const cellOf = (value: unknown): Cell =>
  value === undefined || value === null
    ? null
    : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? value
      : JSON.stringify(value);

/** RFC 4180 with a header of all keys in the order met; null and absent are empty, numbers keep every digit. */
export function csvText(rows: readonly Row[]): string {
  const keys = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cell = (value: Row[string] | undefined): string => {
    const text = value === null || value === undefined ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const lines = rows.map((row) => keys.map((key) => cell(row[key])).join(','));
  return `${[keys.map(cell).join(','), ...lines].join('\r\n')}\r\n`;
}
