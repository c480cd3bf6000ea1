import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isFolder } from '../files/is-folder.ts';
import { InputError } from '../input-error.ts';
import { realPathsWithin } from './links.ts';

/** Parquet files of a data set, by part; all of them under `train` where they name no part. */
export interface ParquetFiles {
  readonly train: readonly string[];
  readonly validation: readonly string[];
  readonly test: readonly string[];
}

const parts: Readonly<Record<string, keyof ParquetFiles>> = {
  train: 'train',
  training: 'train',
  validation: 'validation',
  valid: 'validation',
  val: 'validation',
  test: 'test',
};

const partOf = (name: string): keyof ParquetFiles | undefined =>
  parts[/^[a-z]+(?=[-._/])/.exec(name.toLowerCase())?.[0] ?? ''];

/** Where the files lie: in the folder itself, in data/, and in folders called as a part is. */
function parquetIn(folder: string): string[] {
  const within = (path: string): string[] =>
    isFolder(join(folder, path))
      ? readdirSync(join(folder, path), { withFileTypes: true })
          .filter(({ name }) => name.endsWith('.parquet'))
          .filter(
            (entry) =>
              entry.isFile() || (entry.isSymbolicLink() && !isFolder(join(folder, path, entry.name))),
          )
          .map(({ name }) => (path === '' ? name : `${path}/${name}`))
          .sort()
      : [];
  return ['', 'data', ...Object.keys(parts), ...Object.keys(parts).map((part) => `data/${part}`)].flatMap(
    within,
  );
}

/** Whether a folder holds a data set as Parquet files. */
export const hasParquet = (folder: string): boolean => parquetIn(folder).length > 0;

/**
 * The Parquet files of a folder, as Hugging Face hands them out: `data/train-00000-of-00002.parquet`, `train/0000.parquet`, `test.parquet`. Throws
 * InputError for a file of no part beside others, for parts of which a file is missing or there twice or whose files are not numbered, and for
 * links that lead out of the folder.
 */
export function listParquet(folder: string): ParquetFiles {
  const names = parquetIn(folder);
  const realPathOf = realPathsWithin(folder);
  for (const name of names) realPathOf(join(folder, name));
  if (names.length === 1) {
    checkShards(folder, names);
    return { train: names.map((name) => join(folder, name)), validation: [], test: [] };
  }
  const found: Record<keyof ParquetFiles, string[]> = { train: [], validation: [], test: [] };
  for (const name of names) {
    const part = partOf(name.replace(/^data\//, ''));
    if (part === undefined)
      throw new InputError(
        `${join(folder, name)}: belongs to no part; files are called train…, validation… or test…, or are given one by one`,
      );
    found[part].push(name);
  }
  if (found.train.length === 0)
    throw new InputError(`${folder}: has no train….parquet beside the other parts`);
  for (const list of Object.values(found)) {
    checkOneFolder(folder, list);
    checkShards(folder, list);
  }
  const paths = (list: readonly string[]): string[] => list.map((name) => join(folder, name));
  return { train: paths(found.train), validation: paths(found.validation), test: paths(found.test) };
}

/** Files of a part in two folders may be two copies, and each image would count twice. */
function checkOneFolder(folder: string, names: readonly string[]): void {
  const other = names.find((name) => dirname(name) !== dirname(names[0]!));
  if (other !== undefined)
    throw new InputError(
      `${join(folder, names[0]!)} and ${join(folder, other)}: one part in two folders; keep one of them, or give the files one by one`,
    );
}

/** Names such as train-00000-of-00002: every number is there once. Files that are not numbered may hold the same images. */
function checkShards(folder: string, names: readonly string[]): void {
  const numbered = names.flatMap((name) => {
    const match = /^(.*)-(\d+)-of-(\d+)([-.].*)$/.exec(name);
    return match === null ? [] : [{ name, stem: match[1]!, number: Number(match[2]), of: Number(match[3]) }];
  });
  const [first] = numbered;
  if (first === undefined) {
    // Numbered from 0 without a total, as train/0000.parquet.
    const gap = names.findIndex((name, at) => {
      const number = /(?:^|\/)(?!data\/)[a-z]+\/(\d+)\.parquet$/.exec(name)?.[1];
      return number !== undefined && Number(number) !== at;
    });
    if (gap >= 0)
      throw new InputError(
        `${join(folder, names[gap]!)}: file ${gap} before it is missing; fetch it, or give the files one by one`,
      );
    const stems = names.map((name) => /^(.*?)\d+\.parquet$/.exec(name)?.[1]);
    if (names.length > 1 && stems.some((stem) => stem === undefined || stem !== stems[0]))
      throw new InputError(
        `${names.map((name) => join(folder, name)).join(' and ')}: one part in files that are not numbered, so that images may count twice; keep one of them, or give the files one by one`,
      );
    return;
  }
  const odd =
    numbered.length < names.length
      ? names.find((name) => numbered.every((each) => each.name !== name))
      : numbered.find(({ of, stem, number }) => of !== first.of || stem !== first.stem || number >= of)?.name;
  if (odd !== undefined)
    throw new InputError(
      `${join(folder, odd)}: belongs to another set of files than ${first.name}; keep one of them`,
    );
  const twice = numbered.find(({ number }, at) =>
    numbered.slice(0, at).some((each) => each.number === number),
  );
  if (twice !== undefined)
    throw new InputError(
      `${join(folder, twice.name)}: file ${twice.number} of ${twice.of} is there twice; keep the files of one revision`,
    );
  const missing = Array.from({ length: Math.min(first.of, numbered.length + 1) }, (_, at) => at).find((at) =>
    numbered.every(({ number }) => number !== at),
  );
  if (missing !== undefined)
    throw new InputError(
      `${join(folder, first.name)}: file ${missing} of ${first.of} is missing; fetch it, or give the files one by one`,
    );
}
