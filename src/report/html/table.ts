import { html, type Markup } from './markup.ts';

export interface TableColumn {
  readonly head: string;
  /** Smaller, under the head. */
  readonly unit?: string;
  readonly cells: readonly (string | Markup)[];
  readonly align?: 'left' | 'right';
}

/** A table that scrolls sideways in its own region, which the keyboard reaches. The first column names the row. */
export function scrollingTable(id: string, caption: string, columns: readonly TableColumn[]): Markup {
  const side = ({ align }: TableColumn): string => (align === 'right' ? 'number' : 'text');
  const rows = columns[0]!.cells.map((_, row) =>
    columns.map((column, index) => {
      const cell = column.cells[row]!;
      return index === 0
        ? html`<th scope="row">${cell}</th>`
        : html`<td class="${side(column)}">${cell}</td>`;
    }),
  );
  return html`<p class="caption" id="${id}">${caption}</p>
<div class="scroll" role="region" aria-labelledby="${id}" tabindex="0"><table aria-labelledby="${id}">
<thead><tr>${columns.map((column) => html`<th scope="col" class="${side(column)}">${column.head}${column.unit === undefined ? null : html` <span class="unit">${column.unit}</span>`}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => html`<tr>${cells}</tr>\n`)}</tbody>
</table></div>`;
}
