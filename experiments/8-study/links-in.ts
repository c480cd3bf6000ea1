import { knobLinks, type Link, pooledLinks } from './links.ts';
import type { RegimeRuns } from './study-runs.ts';

/** A regime with its links, each of which is found by what it is from and to. */
export interface Column {
  readonly runs: RegimeRuns;
  readonly links: readonly Link[];
}

export const columnOf = (runs: RegimeRuns): Column => ({
  runs,
  links: [...knobLinks(runs), ...pooledLinks(runs)],
});

/** A regime's links between two things: several where sweeps of one knob differ in something else, none where it does not ask. */
export function linksBetween({ links }: Column, from: string, to: string): readonly Link[] {
  const own = links.filter((each) => each.to === to);
  const exact = own.filter((each) => each.from === from);
  return exact.length > 0 ? exact : own.filter((each) => each.from.startsWith(`${from}, `));
}
