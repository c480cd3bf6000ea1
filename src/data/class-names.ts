import { readBytes } from '../files/open-file.ts';
import { InputError } from '../input-error.ts';
import type { ImageSet } from './image-set.ts';
import { selectClasses } from './selection.ts';

/**
 * Class names of a text file, one per line in the order of the logits: UTF-8, blanks at the end cut, empty lines only at the
 * end. Throws InputError of one line for another encoding, an empty line and a name given twice.
 */
export function readClassNames(path: string): string[] {
  const bytes = readBytes(path);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new InputError(`${path}: not UTF-8 text; class names stand one per line in UTF-8`);
  }
  if (text.includes('\0')) throw new InputError(`${path}: not text; class names stand one per line in UTF-8`);
  const names = text
    .split(/\r\n|\n|\r/)
    .map((line) => line.trimEnd())
    .join('\n')
    .trimEnd()
    .split('\n');
  const empty = names.indexOf('');
  if (empty >= 0) throw new InputError(`${path}:${empty + 1}: an empty line; give one class name per line`);
  const repeated = names.findIndex((name, index) => sameNames(names.slice(0, index), name));
  if (repeated >= 0)
    throw new InputError(`${path}:${repeated + 1}: ${names[repeated]} is given twice; class names differ`);
  return names;
}

/** Composed and decomposed accents are one name: file systems differ in which they keep. */
const composed = (name: string): string => name.normalize('NFC');
const sameNames = (names: readonly string[], name: string): boolean =>
  names.some((each) => composed(each) === composed(name));

/** Those of `names` that are among `others`. */
export const sharedNames = (names: readonly string[], others: readonly string[]): readonly string[] => {
  const known = new Set(others.map(composed));
  return names.filter((name) => known.has(composed(name)));
};

/** Throws InputError that begins with `where` for a name that is given twice: one of its classes would be lost. */
export function refuseRepeated(names: readonly string[], where: string): void {
  const seen = new Set<string>();
  for (const name of names.map(composed)) {
    if (seen.has(name)) throw new InputError(`${where}: the class name ${name} is given twice`);
    seen.add(name);
  }
}

/** A set whose classes are those of a classifier, in the classifier's order; or the first difference, in words. */
export type MatchedClasses =
  | { readonly set: ImageSet; readonly difference: null }
  | { readonly set: null; readonly difference: string };

/** Matches the set's classes to `classNames` by name, whatever their order. */
export function matchClasses(set: ImageSet, classNames: readonly string[]): MatchedClasses {
  const own = new Map(set.classNames.map((name) => [composed(name), name]));
  const names = classNames.map((name) => own.get(composed(name)));
  const isMatch = set.classNames.length === classNames.length && names.every((name) => name !== undefined);
  if (isMatch && new Set(names).size === names.length) {
    const isInOrder = names.every((name, index) => name === set.classNames[index]);
    return { set: isInOrder ? set : selectClasses(set, names as string[]), difference: null };
  }
  if (set.classNames.length !== classNames.length)
    return {
      set: null,
      difference: `the classifier has ${classNames.length} classes and the data ${set.classNames.length}`,
    };
  const at = names.indexOf(undefined);
  return {
    set: null,
    difference: `the classifier's class ${at} is ${classNames[at]}, which the data lacks; class ${at} of the data is ${set.classNames[at]}`,
  };
}
