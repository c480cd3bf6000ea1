import { meanColumn } from '../number-text.ts';
import type { Quantity } from '../quantities.ts';
import type { TableColumn } from './table.ts';

/** Means of a quantity with their half-widths, one row per configuration with its number of runs in `of`, its unit under the head. */
export const quantityColumn = (
  { unit, factor }: Quantity,
  head: string,
  means: Parameters<typeof meanColumn>[0],
  of: readonly number[],
): TableColumn => ({
  head,
  ...(unit === null ? {} : { unit }),
  cells: meanColumn(means, factor, of),
  align: 'right',
});
