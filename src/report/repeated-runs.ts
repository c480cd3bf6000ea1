import { canonicalJson } from '../files/canonical-json.ts';
import { groupBy } from '../statistics/group-by.ts';
import { checkpointScalars } from './export/checkpoint-values.ts';
import { counted } from './number-text.ts';
import type { ReadRun } from './read-runs.ts';
import { meaningOf } from './same-meaning.ts';

/** Runs of one meaning are one run, whatever folders hold it; a run whose config is damaged is its folder's. */
const identityOf = ({ config, folder }: ReadRun): string =>
  config === null ? folder : canonicalJson(meaningOf(config));

const isDone = ({ state }: ReadRun): boolean => state === 'done';

/** A run that several folders hold is one seed, not two: the first that is done is kept, else the first. */
export const withoutRepeated = (runs: readonly ReadRun[]): readonly ReadRun[] =>
  [...groupBy(runs, identityOf).values()].map((same) => same.find(isDone) ?? same[0]!);

/** One line where copies of a run have other numbers at their end, so that it matters which of them counts; else nothing. */
export function differingCopies(runs: readonly ReadRun[]): readonly string[] {
  const pairs = [...groupBy(runs.filter(isDone), identityOf).values()].flatMap(([first, ...others]) => {
    const other = others.find((each) => difference(first!, each) !== null);
    return other === undefined ? [] : [{ first: first!, other, ...difference(first!, other)! }];
  });
  const [example] = pairs;
  if (example === undefined) return [];
  const { first, other, tag, values } = example;
  return [
    `${counted(pairs.length, 'run')} with other numbers in other folders: the first folder's count (${tag} is ${values[0]} in ${first.folder}, ${values[1]} in ${other.folder})`,
  ];
}

/** The first number that both have and that differs; versions may record more. */
function difference(first: ReadRun, other: ReadRun) {
  const found = scalarsOf(first);
  for (const { tag, value } of scalarsOf(other)) {
    const own = found.find((each) => each.tag === tag)?.value;
    if (own !== undefined && own !== value) return { tag, values: [own, value] as const };
  }
  return null;
}

const scalarsOf = ({ checkpoints }: ReadRun) => {
  const last = checkpoints.at(-1);
  return last === undefined ? [] : checkpointScalars(last);
};
