import { canonicalJson } from '../files/canonical-json.ts';
import { edit, entries, type Located, plain } from './located.ts';
import { combinationCount } from './random-draws.ts';
import { randomSchema } from './sweep-block-schema.ts';

/** Of what pinning changed in the sweep, one of the entries that it made equal is kept: a run is one run. Mappings left empty go. */
export function withoutEqualEntries(tree: Located, changed: ReadonlySet<string>): Located {
  let left = tree;
  const change = (block: string, by: (at: Located) => Located | null): void => {
    const path = block.split('.');
    if (changed.has(path[0]!)) left = edit(left, ['sweep', ...path], by);
  };
  for (const block of ['grid', 'zip', 'random.keys'])
    change(block, (each) => (each.content instanceof Map && each.content.size === 0 ? null : each));
  change('random', (each) => (entries(each).has('keys') ? each : null));
  change('random', withReachableCount);
  change('zip', withDistinctRows);
  change('list', (list) =>
    Array.isArray(list.content) ? { ...list, content: distinct(list.content as readonly Located[]) } : list,
  );
  return left;
}

/** The first of each value. */
export const distinct = (values: readonly Located[]): readonly Located[] => {
  const kept = firsts(values.map(plain));
  return values.filter((_, index) => kept.has(index));
};

/** A zip whose columns are no lists of one length stays as it is: what reads it says what is wrong. */
function withDistinctRows(zip: Located): Located {
  const columns = [...entries(zip)].map(([key, column]) => ({ key, column, values: listOf(column) }));
  const length = columns[0]?.values.length ?? 0;
  if (length === 0 || columns.some(({ values }) => values.length !== length)) return zip;
  const kept = firsts(Array.from({ length }, (_, row) => columns.map(({ values }) => plain(values[row]!))));
  const content = columns.map(
    ({ key, column, values }) =>
      [key, { ...column, content: values.filter((_, row) => kept.has(row)) }] as const,
  );
  return { ...zip, content: new Map(content) };
}

/** No more draws than the keys that are left have combinations. */
function withReachableCount(random: Located): Located {
  const read = randomSchema.safeParse(plain(random));
  if (!read.success) return random;
  const { n, keys } = read.data;
  return edit(random, ['n'], (given) => ({ ...given, content: Math.min(n, combinationCount(keys)) }));
}

const listOf = ({ content }: Located): readonly Located[] =>
  Array.isArray(content) ? (content as readonly Located[]) : [];

/** Positions of the first of each value. */
const firsts = (values: readonly unknown[]): ReadonlySet<number> => {
  const positions = new Map<string, number>();
  for (const [index, value] of values.entries()) {
    const text = canonicalJson(value);
    if (!positions.has(text)) positions.set(text, index);
  }
  return new Set(positions.values());
};
