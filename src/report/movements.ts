import { type Configuration, finalMean, type Results, type SeedMean } from './aggregate.ts';
import { fixedQuantity, type Quantity } from './quantities.ts';
import { numericKeys } from './trends.ts';

/** How a quantity went from the lowest to the highest value of a swept key: configuration means at the two ends. */
export interface Movement {
  readonly quantity: Quantity;
  readonly first: SeedMean;
  readonly last: SeedMean;
}

/** Up or down where the 95 % intervals over seeds are apart: one seed has none, and shows no direction. */
export function directionOf({ first, last }: Movement): 'up' | 'down' | 'same' | 'unclear' {
  if (first.mean === last.mean) return 'same';
  if (first.halfWidth === null || last.halfWidth === null) return 'unclear';
  if (Math.abs(last.mean - first.mean) <= first.halfWidth + last.halfWidth) return 'unclear';
  return last.mean > first.mean ? 'up' : 'down';
}

/** The two ends of the one numeric swept key, or null where several keys vary or fewer than two values have results. */
export function movementsOf(results: Results): {
  readonly key: string;
  readonly ends: readonly [number, number];
  /** Whether a run of each end is under-trained. */
  readonly underTrained: readonly [boolean, boolean];
  readonly moved: readonly Movement[];
} | null {
  const key = numericKeys(results)[0];
  if (key === undefined || results.variedKeys.length !== 1) return null;
  const ordered = results.configurations
    .filter(({ finished }) => finished.length > 0)
    .toSorted((a, b) => (a.parameters[key] as number) - (b.parameters[key] as number));
  const [low, high] = [ordered[0], ordered.at(-1)];
  if (low === undefined || high === undefined || low === high) return null;
  const shown = [...['sourceGc', 'targetCdnv', 'targetNc1'].map(fixedQuantity), ...results.fewshot];
  const moved = shown.flatMap((quantity) => {
    const [first, last] = [finalMean(low, quantity), finalMean(high, quantity)];
    return first === null || last === null ? [] : [{ quantity, first, last }];
  });
  const marked = ({ finished }: Configuration): boolean =>
    finished.some(({ underTrained }) => underTrained !== null);
  return {
    key,
    ends: [low.parameters[key] as number, high.parameters[key] as number],
    underTrained: [marked(low), marked(high)],
    moved,
  };
}
