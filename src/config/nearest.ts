import { distance } from 'fastest-levenshtein';

/**
 * The name that was meant, or null where none is near: the same letters in another case or with other separators, the
 * initials (lr for learningRate), the start of a name, or at most a third of the letters wrong.
 */
function nearestName(given: string, names: readonly string[]): string | null {
  const word = letters(given);
  const same = names.find((name) => letters(name) === word);
  if (same !== undefined) return same;
  const abbreviated = names.find((name) => initials(name) === word);
  if (abbreviated !== undefined && word.length > 1) return abbreviated;
  const begun = word.length > 2 ? names.filter((name) => letters(name).startsWith(word)) : [];
  if (begun.length === 1) return begun[0]!;
  const ranked = names
    .map((name) => ({ name, wrong: distance(word, letters(name)) }))
    .sort((left, right) => left.wrong - right.wrong);
  const best = ranked[0];
  return best !== undefined &&
    best.wrong <= Math.max(1, Math.ceil(word.length / 3)) &&
    best.wrong < word.length
    ? best.name
    : null;
}

/**
 * `; did you mean x?` or `; allowed are a, b`. `elsewhere` has dotted names: the same key of another section is meant rather
 * than a similar one of this.
 */
export function suggestion(
  given: string,
  names: readonly string[],
  elsewhere: readonly string[] = [],
): string {
  const isSame = (name: string): boolean => letters(lastKey(name)) === letters(given);
  const near =
    names.find(isSame) ??
    elsewhere.find(isSame) ??
    nearestInSection(given, names) ??
    nearestName(given, names);
  if (near !== null) return `; did you mean ${near}?`;
  return names.length > 0 ? `; allowed are ${names.join(', ')}` : '';
}

/** `; did you mean x? Allowed are a, b` or `; allowed are a, b`, where all that is allowed is said in any case. */
export function suggestionAmong(
  given: string,
  names: readonly string[],
  allowed: string = names.join(', '),
): string {
  const near = nearestName(given, names);
  return near === null ? `; allowed are ${allowed}` : `; did you mean ${near}? Allowed are ${allowed}`;
}

/** The first few of names that may be hundreds, such as classes. */
export function suggestionOfMany(given: string, names: readonly string[]): string {
  const near = nearestName(given, names);
  if (near !== null) return `; did you mean ${near}?`;
  const more = names.length > shownOfMany ? `, ... (${names.length} in all)` : '';
  return `; allowed are ${names.slice(0, shownOfMany).join(', ')}${more}`;
}
const shownOfMany = 5;

/** For a dotted key: the nearest among the keys of its section, where there is such a section. */
function nearestInSection(given: string, names: readonly string[]): string | null {
  const section = given.slice(0, given.lastIndexOf('.') + 1);
  if (section === '') return null;
  const own = names.filter((name) => name.startsWith(section)).map((name) => name.slice(section.length));
  const near = nearestName(given.slice(section.length), own);
  return near === null ? null : `${section}${near}`;
}

const lastKey = (name: string): string => name.slice(name.lastIndexOf('.') + 1);

const letters = (name: string): string => name.toLowerCase().replaceAll(/[-_\s]/g, '');

const initials = (name: string): string =>
  (
    name
      .split('.')
      .at(-1)!
      .match(/^[a-z]|[A-Z]|(?<=[-_])[a-z]/g) ?? []
  )
    .join('')
    .toLowerCase();
