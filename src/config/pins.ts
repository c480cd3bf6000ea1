import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../input-error.ts';
import { distinct, withoutEqualEntries } from './equal-entries.ts';
import {
  edit,
  entries,
  type Located,
  type Origin,
  originText,
  type Path,
  plain,
  wholeKey,
  withValue,
} from './located.ts';
import { runKeys } from './schema-node.ts';

/** One place in the sweep block that varies a key. */
interface Varied {
  readonly key: string;
  readonly origin: Origin;
  readonly path: Path;
}

/** What the body sets, by dotted key of the run's config; the content of `value` is null where the default takes its place. */
interface Fixed {
  readonly key: string;
  readonly origin: Origin;
  readonly value: Located;
}

/**
 * A key has one source: what a later layer fixes (a file over the file it extends, the command line over both), the earlier
 * layer's sweep block no longer varies; so too a key that is `takenBack`, which merging leaves no trace of. Returns the tree without
 * those entries, and one note per key. Of keys that exclude each other, setting one sets all. Throws InputError with both places where one
 * layer fixes a key and varies it too.
 */
export function pinFixedKeys(
  located: Located,
  rank: (origin: Origin) => number,
  takenBack: readonly Fixed[] = [],
): { readonly located: Located; readonly notes: readonly string[] } {
  const notes = new Set<string>();
  const changed = new Set<string>();
  let tree = located;
  // Taking back a key of a mapping that is not there makes an empty one, which nobody wrote.
  const isMade = ({ key, value }: Fixed): boolean =>
    value.content instanceof Map && takenBack.some((each) => each.key.startsWith(`${key}.`));
  const fixed = fixedKeys(located).filter((each) => !isMade(each));
  for (const { key, origin, value } of [...fixed, ...takenBack])
    for (const varied of variedKeys(tree)) {
      const isNull = value.content === null;
      const isSame = isNull ? key === varied.key : wholeKey(key) === wholeKey(varied.key);
      const isBelow = !isSame && key.startsWith(`${varied.key}.`);
      const another = isSame && key !== varied.key ? varied.key : null;
      if (!isSame && !isBelow && !(isNull && varied.key.startsWith(`${key}.`))) continue;
      const [fixing, varying] = [rank(origin), rank(varied.origin)];
      if (fixing < varying) continue;
      if (fixing === varying && !isNull && isSetThroughout(tree, varied))
        throw new InputError(
          `${originText(origin)}: ${key} is set here and ${another === null ? '' : `${another} `}varied by the sweep at ${originText(varied.origin)}; keep one of them`,
          { code: 'bad-value', key },
        );
      if (fixing === varying) continue;
      tree = isBelow
        ? setBelow(tree, varied, key, value)
        : without(tree, varied, another === null ? value : null);
      changed.add(String(varied.path[1]));
      notes.add(
        `${key} is ${isNull ? 'at its default' : JSON.stringify(plain(value))} (${originText(origin)}); the sweep at ${originText(varied.origin)} no longer varies ${another ?? 'it'}`,
      );
    }
  return { located: withoutEqualEntries(tree, changed), notes: [...notes] };
}

/** False for a key that only some entries of `sweep.list` set, or that excludes it: the body's value holds for the others. */
function isSetThroughout(tree: Located, { key, path }: Varied): boolean {
  if (path[1] !== 'list') return true;
  const list = entries(entries(tree).get('sweep')!).get('list')!.content as readonly Located[];
  return list.every((each) => [...entries(each).keys()].some((name) => wholeKey(name) === wholeKey(key)));
}

/** Whether the sweep gives a key, or one that excludes it or holds it, in every run: the body's value is then of no run. */
export function isVariedThroughout(located: Located, key: string): boolean {
  return variedKeys(located).some(
    (varied) =>
      (wholeKey(key) === wholeKey(varied.key) || key.startsWith(`${varied.key}.`)) &&
      isSetThroughout(located, varied),
  );
}

/** What a layer takes back by null, outside of its sweep block. */
export function keysTakenBack({
  path,
  value,
}: {
  readonly path: readonly string[];
  readonly value: Located;
}): readonly Fixed[] {
  if (path[0] === 'sweep') return [];
  if (value.content === null) return [{ key: path.join('.'), origin: value.origin, value }];
  return [...entries(value)].flatMap(([name, each]) => keysTakenBack({ path: [...path, name], value: each }));
}

/** What the body sets. */
function fixedKeys(tree: Located): readonly Fixed[] {
  const known = runKeys();
  const walk = (at: Located, key: string): readonly Fixed[] =>
    at.content instanceof Map && at.content.size > 0
      ? [...(at.content as ReadonlyMap<string, Located>)].flatMap(([name, each]) =>
          walk(each, `${key}.${name}`),
        )
      : [{ key, origin: at.origin, value: at }];
  return [...entries(tree)]
    .filter(([name]) => known.includes(name))
    .flatMap(([name, each]) => walk(each, name));
}

function variedKeys(tree: Located): readonly Varied[] {
  const sweep = entries(tree).get('sweep');
  if (sweep === undefined) return [];
  const block = entries(sweep);
  const of = (holder: Located | undefined, path: Path): readonly Varied[] =>
    holder === undefined
      ? []
      : [...entries(holder)].map(([key, { keyOrigin }]) => ({
          key,
          origin: keyOrigin,
          path: [...path, key],
        }));
  const list = block.get('list')?.content;
  const random = block.get('random');
  const seeds = block.get('seeds');
  return [
    ...of(block.get('grid'), ['sweep', 'grid']),
    ...of(block.get('zip'), ['sweep', 'zip']),
    ...(Array.isArray(list) ? (list as readonly Located[]) : []).flatMap((each, index) =>
      of(each, ['sweep', 'list', index]),
    ),
    ...of(random && entries(random).get('keys'), ['sweep', 'random', 'keys']),
    ...(seeds === undefined ? [] : [{ key: 'seed', origin: seeds.keyOrigin, path: ['sweep', 'seeds'] }]),
  ];
}

/** The tree without one varied key, and without the exclusions that only other values of it would meet; null where it has none now. */
const without = (tree: Located, { key, path }: Varied, value: Located | null): Located => {
  const left = edit(tree, path, () => null);
  return edit(left, ['sweep', 'exclude'], (exclude) => {
    if (!Array.isArray(exclude.content)) return exclude;
    const content = (exclude.content as readonly Located[]).filter((each) => {
      const wanted = entries(each).get(key);
      return wanted === undefined || (value !== null && isDeepStrictEqual(plain(wanted), plain(value)));
    });
    return content.length === 0 ? null : { ...exclude, content };
  });
};

/** Sets a key inside each value of a varied mapping. */
const setBelow = (tree: Located, { key, path }: Varied, below: string, value: Located): Located => {
  const rest = below.slice(key.length + 1).split('.');
  return edit(tree, path, (varied) => {
    const set = (each: Located): Located =>
      each.content instanceof Map ? withValue(each, rest, value) : each;
    if (!Array.isArray(varied.content)) return set(varied);
    const values = (varied.content as readonly Located[]).map(set);
    return { ...varied, content: path[1] === 'grid' ? distinct(values) : values };
  });
};
