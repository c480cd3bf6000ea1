import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { suggestionOfMany } from '../config/nearest.ts';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { hashName, permutation, randomStream, seedLimit } from '../random/random.ts';
import { readClassNames } from './class-names.ts';
import { dataSets } from './data-sets.ts';
import type { ClassSplit } from './data-source.ts';

/** Splits that come with the program, by name, and the data set whose classes they name. */
export const shippedSplits: Readonly<Record<string, { readonly file: URL; readonly dataSet: string }>> =
  Object.fromEntries(
    dataSets.flatMap(({ name: dataSet, splits = {} }) =>
      Object.entries(splits).map(([split, file]) => [split, { file, dataSet }]),
    ),
  );

const className = z.string().min(1);
const classList = z.union([z.array(className), z.record(z.string(), z.array(className))], {
  error: 'expected class names: [a, b], or {group: [a, b]}',
});
const wholeNumber = z.string().regex(/^\d+$/, 'expected a whole number').transform(Number);
const classCount = wholeNumber.pipe(z.int());
const namedSplit = z.strictObject({
  source: classList,
  validation: classList.default([]),
  target: classList.default([]),
});
const countedSplit = z.strictObject({
  seed: wholeNumber.pipe(z.int().max(seedLimit)),
  source: wholeNumber.pipe(z.int().positive()),
  validation: classCount.default(0),
  target: classCount.default(0),
});

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
  const content = readYaml(name, file);
  const counted = countedSplit.safeParse(content);
  if (counted.success) return drawSplit(name, counted.data, classNames, dataSet);
  const named = namedSplit.safeParse(content);
  if (!named.success) {
    const wantsCounts = typeof content === 'object' && content !== null && 'seed' in content;
    const issue = (wantsCounts ? counted : named).error!.issues[0]!;
    throw new InputError(`split ${name}: ${[...issue.path, ''].join(': ')}${issue.message}`);
  }
  const flatten = (list: z.infer<typeof classList>) =>
    Array.isArray(list) ? list : Object.values(list).flat();
  return checked(
    {
      name,
      source: flatten(named.data.source),
      validation: flatten(named.data.validation),
      target: flatten(named.data.target),
    },
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

function readYaml(name: string, file: string | URL): unknown {
  try {
    // The failsafe schema takes every scalar as the text that is written: the class 010 is not the class 10.
    return parse(readFileSync(file, 'utf8'), { schema: 'failsafe' });
  } catch (error) {
    if (error instanceof YAMLParseError)
      throw new InputError(`split ${name}: ${error.message.split('\n')[0]}`);
    throw new InputError(`data.split: cannot read ${name}: ${(error as Error).message}`);
  }
}

function drawSplit(
  name: string,
  { seed, source, validation, target }: z.infer<typeof countedSplit>,
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
