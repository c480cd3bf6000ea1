import { join } from 'node:path';
import { suggestionOfMany } from '../config/nearest.ts';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { hashName, permutation, randomStream } from '../random/random.ts';
import { readClassNames } from './class-names.ts';
import { dataSets } from './data-sets.ts';
import type { ClassSplit } from './data-source.ts';
import { readSplitFile, type SplitFile } from './split-file.ts';

/** Splits that come with the program, by name, and the data set whose classes they name. */
export const shippedSplits: Readonly<Record<string, { readonly file: URL; readonly dataSet: string }>> =
  Object.fromEntries(
    dataSets.flatMap(({ name: dataSet, splits = {} }) =>
      Object.entries(splits).map(([split, file]) => [split, { file, dataSet }]),
    ),
  );

/**
 * The split `name` of a data set with the classes `classNames`: `none`, a shipped split, or a YAML file with `source`,
 * `validation` and `target`, each a list of class names, named groups of them, or (with `seed`) a number of classes drawn at
 * random, or a folder of lists (see `listedSplit`). Classes that it does not name are left out. Throws InputError for a class that
 * is unknown or named twice.
 */
export function readSplit(name: string, classNames: readonly string[], dataSet: string): ClassSplit {
  if (name === 'none') return { name, source: classNames, validation: [], target: [] };
  if (!Object.hasOwn(shippedSplits, name) && isFolder(name)) return listedSplit(name, classNames, dataSet);
  const file = Object.hasOwn(shippedSplits, name)
    ? shippedSplits[name]!.file
    : /\.ya?ml$/.test(name)
      ? name
      : undefined;
  if (file === undefined)
    throw new InputError(
      `data.split: unknown split ${name}; allowed are auto, none, ${Object.keys(shippedSplits).join(', ')}, a file.yaml, or a folder with train.txt, val.txt and test.txt`,
    );
  const split = readSplitFile(name, file);
  return split.kind === 'counted'
    ? drawSplit(name, split, classNames, dataSet)
    : checked(
        { name, source: split.source, validation: split.validation, target: split.target },
        classNames,
        dataSet,
      );
}

/** A folder with train.txt, val.txt and test.txt, class names one per line, as CIFAR-FS comes with: source, validation and target. */
function listedSplit(name: string, classNames: readonly string[], dataSet: string): ClassSplit {
  const read = (part: string): readonly string[] => readClassNames(join(name, `${part}.txt`));
  return checked(
    { name, source: read('train'), validation: read('val'), target: read('test') },
    classNames,
    dataSet,
  );
}

function drawSplit(
  name: string,
  { seed, source, validation, target }: Extract<SplitFile, { readonly kind: 'counted' }>,
  classNames: readonly string[],
  dataSet: string,
): ClassSplit {
  const needed = source + validation + target;
  if (needed > classNames.length)
    throw new InputError(`split ${name} takes ${needed} classes, ${dataSet} has ${classNames.length}`);
  const order = permutation(classNames.length, randomStream(hashName('split'), seed));
  const take = (from: number, count: number) =>
    [...order.subarray(from, from + count)].sort((a, b) => a - b).map((index) => classNames[index]!);
  return {
    name,
    source: take(0, source),
    validation: take(source, validation),
    target: take(source + validation, target),
  };
}

const classesOf = ({ source, validation, target }: ClassSplit) => [...source, ...validation, ...target];

/** The split with the data's own name for the crab: Hugging Face's copy of CIFAR-100 calls it `cra`. All other names must fit. */
function withItsCrab(split: ClassSplit, classNames: readonly string[]): ClassSplit {
  const known = new Set(classNames);
  const lacking = classesOf(split).filter((name) => !known.has(name));
  if (lacking.join() !== 'crab' || !known.has('cra')) return split;
  const named = (names: readonly string[]) => names.map((name) => (name === 'crab' ? 'cra' : name));
  const { name, source, validation, target } = split;
  return { name, source: named(source), validation: named(validation), target: named(target) };
}

function checked(given: ClassSplit, classNames: readonly string[], dataSet: string): ClassSplit {
  const split = withItsCrab(given, classNames);
  if (split.source.length === 0) throw new InputError(`split ${split.name}: source names no class`);
  const known = new Set(classNames);
  const partOf = new Map<string, string>();
  for (const part of ['source', 'validation', 'target'] as const)
    for (const className of split[part]) {
      if (!known.has(className))
        throw new InputError(
          `split ${split.name}: ${part} names the class ${className}, which ${dataSet} lacks${suggestionOfMany(className, classNames)}`,
        );
      const before = partOf.get(className);
      if (before !== undefined)
        throw new InputError(
          `split ${split.name}: class ${className} is named twice, in ${before} and in ${part}`,
        );
      partOf.set(className, part);
    }
  return split;
}
