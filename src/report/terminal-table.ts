import Table from 'cli-table3';

const widthLimit = 100;

export interface Column {
  readonly head: string;
  readonly cells: readonly string[];
}

const widthOf = ({ head, cells }: Column): number =>
  Math.max(...[...head.split('\n'), ...cells].map((text) => text.length)) + 2;

/** Rows of cells under their heads, as columns. */
export const columnsOf = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): readonly Column[] => heads.map((head, column) => ({ head, cells: rows.map((row) => row[column]!) }));

/** The key columns with as many of the others as the width allows, in as many tables as that takes. */
export function pieces(keys: readonly Column[], columns: readonly Column[]): readonly (readonly Column[])[] {
  const keyWidth = keys.reduce((sum, column) => sum + widthOf(column), 0);
  const result: Column[][] = [];
  let width = Number.POSITIVE_INFINITY;
  for (const column of columns) {
    if (width + widthOf(column) > widthLimit) {
      result.push([...keys]);
      width = keyWidth;
    }
    result.at(-1)!.push(column);
    width += widthOf(column);
  }
  return result;
}

/** Columns side by side without lines, left-aligned: for many rows, where `drawTable` takes a millisecond for each. */
export function plainTable(columns: readonly Column[]): string {
  const widths = columns.map(({ head, cells }) =>
    Math.max(head.length, ...cells.map(({ length }) => length)),
  );
  const line = (texts: readonly string[]): string =>
    texts
      .map((text, index) => text.padEnd(widths[index]!))
      .join('  ')
      .trimEnd();
  const rows = columns[0]!.cells.map((_, row) => line(columns.map(({ cells }) => cells[row]!)));
  return [line(columns.map(({ head }) => head)), ...rows].join('\n');
}

/** One table; the columns after the first `keyCount` are right-aligned. */
export function drawTable(columns: readonly Column[], keyCount: number): string {
  const none = {
    top: '',
    'top-mid': '',
    'top-left': '',
    'top-right': '',
    bottom: '',
    'bottom-mid': '',
    'bottom-left': '',
  };
  const table = new Table({
    head: columns.map(({ head }) => head),
    colAligns: columns.map((_, index) => (index < keyCount ? 'left' : 'right')),
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
    chars: {
      ...none,
      'bottom-right': '',
      left: '',
      'left-mid': '',
      mid: '',
      'mid-mid': '',
      right: '',
      'right-mid': '',
      middle: '',
    },
  });
  for (let row = 0; row < columns[0]!.cells.length; row++)
    table.push(columns.map(({ cells }) => cells[row]!));
  return table.toString().replace(/[ \t]+$/gm, '');
}

/** A sentence in lines of the terminal's width, those after the first indented. */
export function wrapped(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined) lines.push(word);
    else if (last.length + 1 + word.length < widthLimit) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`  ${word}`);
  }
  return lines.join('\n');
}
