import { finalMean, type Results } from '../aggregate.ts';
import { type PlacedQuantity, placesOf, quantitiesAt, setLabel } from '../elsewhere.ts';
import { html, type Markup } from './markup.ts';
import { quantityColumn } from './quantity-column.ts';
import { scrollingTable, type TableColumn } from './table.ts';

/** One table per set that is measured at several layers, or that is another target: each quantity's layers side by side; null without any. */
export function elsewhereTables(results: Results): Markup | null {
  const checkpoints = results.sweep.runs.flatMap((run) => run.checkpoints);
  const places = [...placesOf(checkpoints)].filter(([set]) => set !== 'sourceTest');
  if (places.length === 0) return null;
  return html`${places.map(([set, layers], index) => {
    const all = layers.flatMap((layer) => quantitiesAt(checkpoints, { set, layer }));
    const whats = [...new Set(all.map(({ what }) => what))];
    const sorted = whats.flatMap((what) => all.filter((each) => each.what === what));
    const caption = `${setLabel(set)}, by layer (feature maps by the mean over their positions): mean ± half of Student’s 95 % interval over training seeds, last checkpoint`;
    return html`${scrollingTable(`results-elsewhere-${index}-caption`, caption, columnsOf(results, sorted))}
`;
  })}`;
}

const columnsOf = (
  { configurations }: Results,
  quantities: readonly PlacedQuantity[],
): readonly TableColumn[] => [
  { head: 'configuration', cells: configurations.map(({ label }) => label) },
  ...quantities.map((quantity) => {
    const means = configurations.map((each) => finalMean(each, quantity));
    return quantityColumn(
      quantity,
      `${quantity.whatLabel}: ${quantity.place.layer}`,
      means,
      configurations.map(({ finished }) => finished.length),
    );
  }),
];
