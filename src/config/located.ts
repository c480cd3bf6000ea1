/** Where a value came from. */
export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'override'; readonly text: string }
  | { readonly kind: 'default' };

export type Scalar = string | number | boolean | null;
export type Plain = Scalar | readonly Plain[] | { readonly [key: string]: Plain };
export type Path = readonly PropertyKey[];

/** A value whose parts each know where they came from. */
export interface Located {
  readonly origin: Origin;
  /** Where the key is that the value belongs to. */
  readonly keyOrigin: Origin;
  readonly content: Scalar | readonly Located[] | ReadonlyMap<string, Located>;
}

/** `file:line:column`, or the override's own text. */
export const originText = (origin: Origin): string => {
  if (origin.kind === 'file') return `${origin.file}:${origin.line}:${origin.column}`;
  return origin.kind === 'override' ? `override ${origin.text}` : 'default';
};

export function plain({ content }: Located): Plain {
  if (content instanceof Map)
    return Object.fromEntries([...content].map(([key, each]) => [key, plain(each)]));
  return Array.isArray(content) ? content.map(plain) : (content as Scalar);
}

/** The same value throughout of one origin. */
export function locate(value: Plain, origin: Origin): Located {
  const content = Array.isArray(value)
    ? value.map((each) => locate(each, origin))
    : typeof value === 'object' && value !== null
      ? new Map(Object.entries(value).map(([key, each]) => [key, locate(each, origin)]))
      : (value as Scalar);
  return { origin, keyOrigin: origin, content };
}

/** The value at the path; where it is not there, the innermost that holds it. */
export function nearestAt(tree: Located, path: Path): Located {
  let at = tree;
  for (const key of path) {
    const { content } = at;
    const next =
      content instanceof Map
        ? content.get(String(key))
        : Array.isArray(content)
          ? (content as readonly Located[])[Number(key)]
          : undefined;
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

const takenWhole = 'training.checkpointEvery';

/** The key that a dotted key is a value of: setting one of two keys that exclude each other sets the mapping. */
export const wholeKey = (key: string): string => (key.startsWith(`${takenWhole}.`) ? takenWhole : key);

/**
 * Mappings whose keys exclude each other are taken whole, never mixed: epochs or steps of checkpointEvery, and the
 * distributions of sweep.random.keys.
 */
const isTakenWhole = (path: readonly string[]): boolean =>
  path.join('.') === takenWhole || (path.length === 4 && path.slice(0, 3).join('.') === 'sweep.random.keys');

/**
 * `over`'s keys on top of `under`'s, mapping by mapping; lists and scalars are replaced. A null takes a key back, so that its
 * default holds.
 */
export function merge(under: Located, over: Located, path: readonly string[] = []): Located {
  if (!(over.content instanceof Map)) return over;
  const content = ownKeys(under, path);
  for (const [key, each] of over.content as ReadonlyMap<string, Located>)
    if (each.content === null) content.delete(key);
    else content.set(key, merge(content.get(key) ?? locate({}, each.origin), each, [...path, key]));
  return { ...over, content };
}

/** The tree with the value at the path replaced (null: taken back), and the mappings on the way made where missing. */
export function withValue(
  tree: Located,
  path: readonly string[],
  value: Located,
  walked: readonly string[] = [],
): Located {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const content = ownKeys(tree, walked);
  if (rest.length === 0 && value.content === null) content.delete(key);
  else {
    const below = content.get(key) ?? locate({}, value.origin);
    content.set(key, withValue(below, rest, value, [...walked, key]));
  }
  return { ...tree, content };
}

const ownKeys = ({ content }: Located, path: readonly string[]): Map<string, Located> =>
  new Map(content instanceof Map && !isTakenWhole(path) ? (content as ReadonlyMap<string, Located>) : []);

/** The tree with what stands at the path changed; null removes it, and a path that is not there changes nothing. */
export function edit(tree: Located, [key, ...rest]: Path, change: (at: Located) => Located | null): Located {
  if (key === undefined) return change(tree) ?? tree;
  const { content } = tree;
  if (Array.isArray(content)) {
    const items = [...(content as readonly Located[])];
    const at = items[Number(key)];
    if (at === undefined) return tree;
    items[Number(key)] = edit(at, rest, change);
    return { ...tree, content: items };
  }
  const below = entries(tree).get(String(key));
  if (below === undefined) return tree;
  const map = new Map(entries(tree));
  const changed = rest.length === 0 ? change(below) : edit(below, rest, change);
  if (changed === null) map.delete(String(key));
  else map.set(String(key), changed);
  return { ...tree, content: map };
}

/** A mapping's values by key; none where it is no mapping. */
export const entries = ({ content }: Located): ReadonlyMap<string, Located> =>
  content instanceof Map ? content : new Map();
