import { diagnostics } from '../diagnostics.ts';
import { InputError } from '../input-error.ts';
import { once } from '../once.ts';
import type { ClassSplit, DataSource, Part } from './data-source.ts';
import { seededPart } from './holdout.ts';
import type { ImageSet } from './image-set.ts';
import { concatenate, selectClasses } from './selection.ts';

/** One part of a data set as it is stored: a folder, or the Parquet files of a split. */
export interface StoredPart {
  /** For messages. */
  readonly name: string;
  /** The classes that it has images of. */
  readonly classNames: readonly string[];
  /** The classes of the loaded set, where they are more than it has images of. */
  readonly named?: readonly string[];
  readonly load: () => Promise<ImageSet>;
}

export interface StoredParts {
  readonly train: StoredPart;
  readonly validation: StoredPart | null;
  readonly test: StoredPart | null;
}

/** What a source with stored parts does with them. */
export interface PartsReader {
  /** Null where all parts have the same classes. */
  readonly ownClasses: ClassSplit | null;
  readonly testPart: ReturnType<DataSource['testPart']>;
  readonly load: (part: Part) => Promise<ImageSet>;
}

/**
 * Parts with the same classes are the train and the test part (validation where there is no test). Parts with no class in common, as
 * mini-ImageNet's, are source, validation and target classes; a sixth of each source class is then the test part. Throws InputError for
 * parts that are neither.
 */
export function readParts(name: string, { train, validation, test }: StoredParts): PartsReader {
  const others = [test, validation].filter((part) => part !== null);
  const [first] = others;
  if (first === undefined) {
    const whole = once(train.load);
    return { ownClasses: null, testPart: 'drawn', load: async (part) => seededPart(await whole(), part) };
  }
  if (hasSameClasses(train, first)) {
    if (first === test && validation !== null)
      diagnostics.warn(
        `${validation.name} is not read, since there is ${test.name}; move it to use its images`,
      );
    const loadFirst = async (): Promise<ImageSet> =>
      ordered(await first.load(), train.named ?? train.classNames);
    const load = async (part: Part): Promise<ImageSet> =>
      part === 'whole'
        ? concatenate(await train.load(), await loadFirst(), name)
        : part === 'train'
          ? train.load()
          : loadFirst();
    return { ownClasses: null, testPart: 'stored', load };
  }
  const stored = [train, validation, test].filter((part) => part !== null);
  stored.forEach((one, at) => {
    for (const other of stored.slice(at + 1)) refuseShared(one, other, stored);
  });
  const whole = once(async () => joined(name, await inOrder(stored)));
  return {
    ownClasses: {
      name: 'folders',
      source: train.classNames,
      validation: validation?.classNames ?? [],
      target: test?.classNames ?? [],
    },
    testPart: 'drawn',
    load: async (part) => seededPart(await whole(), part),
  };
}

/** Whether the classes are the same, in any order; or their names are, and some have images in both. */
function hasSameClasses(one: StoredPart, other: StoredPart): boolean {
  if (isSameList(one.classNames, other.classNames)) return true;
  const { named } = one;
  if (named === undefined || other.named === undefined || !isSameList(named, other.named)) return false;
  return one.classNames.some((each) => other.classNames.includes(each));
}

/** The set's examples of some classes, numbered in their order. */
const ordered = (set: ImageSet, classNames: readonly string[]): ImageSet =>
  set.classNames.length === classNames.length && classNames.every((each, at) => each === set.classNames[at])
    ? set
    : selectClasses(set, classNames);

const isSameList = (one: readonly string[], other: readonly string[]): boolean =>
  one.length === other.length && one.every((each) => other.includes(each));

/** What may be one class under two spellings; file systems and people differ in case, blanks and accents. */
const loose = (className: string): string =>
  className
    .normalize('NFC')
    .toLowerCase()
    .replaceAll(/[\s_-]/g, '');

function refuseShared(one: StoredPart, other: StoredPart, parts: readonly StoredPart[]): void {
  const own = new Map(one.classNames.map((each) => [loose(each), each]));
  const twin = other.classNames.find((each) => own.has(loose(each)));
  if (twin === undefined) return;
  const before = own.get(loose(twin))!;
  if (before !== twin)
    throw new InputError(
      `${one.name} has the class ${before} and ${other.name} has ${twin}: one class or two? Name them alike, or further apart`,
    );
  const [holder, lacked] = missing(one, other) ?? missing(other, one) ?? [];
  // Where these two are alike, a third part is not.
  const third = parts.find((part) => part !== one && part !== other);
  const difference =
    holder === undefined
      ? `${third?.name} has ${third?.classNames.length === 0 ? 'none' : 'others'}`
      : `only ${holder} has ${lacked}`;
  throw new InputError(
    `${one.name} and ${other.name} both have the class ${twin}, but ${difference}; parts have the same classes (train and test), or none in common (source, validation and target)`,
  );
}

/** The part's name and a class that the other lacks. */
function missing(part: StoredPart, other: StoredPart): readonly [string, string] | undefined {
  const found = part.classNames.find((each) => !other.classNames.includes(each));
  return found === undefined ? undefined : [part.name, found];
}

async function inOrder(parts: readonly StoredPart[]): Promise<readonly ImageSet[]> {
  const sets: ImageSet[] = [];
  for (const part of parts) sets.push(ordered(await part.load(), part.classNames));
  return sets;
}

/** All examples under all class names. */
function joined(name: string, sets: readonly ImageSet[]): ImageSet {
  const classNames = sets.flatMap((set) => set.classNames);
  let before = 0;
  const renumbered = sets.map((set): ImageSet => {
    const shift = before;
    before += set.classNames.length;
    return { ...set, classNames, labels: set.labels.map((label) => label + shift) };
  });
  return renumbered.reduce((all, set) => concatenate(all, set, name));
}
