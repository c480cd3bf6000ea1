import { type Configuration, finalMean, type SeedMean } from './aggregate.ts';
import type { Quantity } from './quantities.ts';

/** Tables of several seeds have intervals over seeds; where each configuration has one at most, the run's own. No table mixes the two. */
const hasSeveralSeeds = (all: readonly Configuration[]): boolean =>
  all.some(({ finished }) => finished.length > 1);

/** A quantity of each row as a table shows it; `all` are the configurations of the whole table. */
export function shownMeans(
  rows: readonly Configuration[],
  quantity: Quantity,
  all: readonly Configuration[] = rows,
): readonly (SeedMean | null)[] {
  const within = !hasSeveralSeeds(all);
  return rows.map((row) => {
    const mean = finalMean(row, quantity);
    const interval = within && mean !== null ? quantity.readInterval?.(row.finished[0]!.final) : null;
    return mean === null || interval == null ? mean : { ...mean, halfWidth: (interval[1] - interval[0]) / 2 };
  });
}

/** What the numbers and `±` are, for the lines below the table; `planned` says what n is of. */
export const intervalNotes = (all: readonly Configuration[], planned: string): readonly string[] =>
  hasSeveralSeeds(all)
    ? [`mean ± half of the 95 % t-interval over seeds; n: finished runs of ${planned}`]
    : [
        `mean of one seed; n: finished runs of ${planned}`,
        '±: half of the 95 % interval over examples, of few-shot accuracy over episodes; not over seeds',
      ];
